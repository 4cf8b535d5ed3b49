// Decodes and replays a CEL-TLV log with go-eventlog, for bench/peers.
//
//	go-eventlog LOG VALUE contents|digests
//
// LOG holds SHA-384 records of CC register 3 (RTMR 2), VALUE the hexadecimal value it has to replay to.
// go-eventlog does not check digests of this content type; with "contents" this program hashes every
// content and compares, so that the work is that of Cairn. Prints seconds of processor time.
package main

import (
	"bytes"
	"crypto"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"os"
	"syscall"

	"github.com/google/go-eventlog/cel"
	"github.com/google/go-eventlog/register"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3] == "contents"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(log, valueFile string, contents bool) error {
	data, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(valueFile)
	if err != nil {
		return err
	}
	value, err := hex.DecodeString(string(text))
	if err != nil {
		return err
	}
	bank := register.FakeMRBank{
		Hash:    crypto.SHA384,
		FakeMRs: []register.FakeMR{{Index: 3, Digest: value, DigestAlg: crypto.SHA384}},
	}

	start, err := cpuSeconds()
	if err != nil {
		return err
	}
	decoded, err := cel.DecodeToCEL(bytes.NewBuffer(data))
	if err != nil {
		return err
	}
	if err := decoded.Replay(bank); err != nil {
		return err
	}
	if contents {
		if err := checkContents(decoded.Records()); err != nil {
			return err
		}
	}
	end, err := cpuSeconds()
	if err != nil {
		return err
	}
	fmt.Println(end - start)
	return nil
}

// checkContents hashes the event data, which is the last TLV of a pcclient_std content.
func checkContents(records []cel.Record) error {
	for _, record := range records {
		content := record.Content.Value
		typeLength := 5 + 4 // TLV 0: event type, a u32
		digest := sha512.Sum384(content[typeLength+5:])
		if !bytes.Equal(digest[:], record.Digests[crypto.SHA384]) {
			return fmt.Errorf("record %d: digest is not that of the content", record.RecNum)
		}
	}
	return nil
}

func cpuSeconds() (float64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9, nil
}
