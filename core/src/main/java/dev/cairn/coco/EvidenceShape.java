package dev.cairn.coco;

/**
 * The JSON of an evidence. Verifiers do not refuse keys that they do not know.
 *
 * <pre>
 * shape          members                                                        report data
 * TDX            cc_eventlog, quote                                             at most 64 bytes
 * SAMPLE         svn, report_data, cc_eventlog, measure_register where the      as given
 *                register is of the sample's kind
 * TPM            ak_public, tpm_quote {message, pcrs, signature}, cc_eventlog   cut or padded to 32
 * TPM_KEYLIME    ak_pubkey, ek_pubkey, quote {SHA256 …}, eventlog, aa_eventlog  cut to 32
 * AZ_SNP_VTPM    version 2, tpm_quote {signature, message, pcrs}, hcl_report,   as given
 *                vcek, cc_eventlog
 * </pre>
 *
 * @see "confidential-containers/guest-components, attester/src; its fork trustiflux for
 *     TPM_KEYLIME"
 */
public enum EvidenceShape {
  /** A TDX quote. */
  TDX,
  /** No hardware: for development and tests only. */
  SAMPLE,
  /** A TPM quote, as upstream has it. */
  TPM,
  /** A TPM quote, as the fork has it. */
  TPM_KEYLIME,
  /** A TPM quote with the report that ties the vTPM to an SEV-SNP machine of Azure. */
  AZ_SNP_VTPM
}
