package dev.cairn.cli.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** An open connection: bytes there and back, every wait bounded. */
interface Transport extends Closeable {
  /** Returns what the service sends; a read that waits longer than the timeout fails. */
  InputStream in();

  /** Returns what goes to the service. */
  OutputStream out();

  /** Connects. */
  static Transport open(Endpoint endpoint, Duration timeout) throws IOException {
    if (endpoint instanceof Endpoint.Unix unix) {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(unix.path()));
      return new ChannelTransport(channel, timeout);
    }
    return SocketTransport.open((Endpoint.Tcp) endpoint, timeout);
  }

  /** TCP, with TLS or without. */
  record SocketTransport(Socket socket, InputStream in, OutputStream out) implements Transport {
    static Transport open(Endpoint.Tcp endpoint, Duration timeout) throws IOException {
      int millis = Math.toIntExact(timeout.toMillis());
      Socket socket = endpoint.tls() ? tls() : new Socket();
      try {
        socket.connect(new InetSocketAddress(endpoint.name(), endpoint.port()), millis);
        socket.setSoTimeout(millis);
        socket.setTcpNoDelay(true);
        return new SocketTransport(socket, socket.getInputStream(), socket.getOutputStream());
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }

    /** Checks names as browsers do; trusts what the Java runtime trusts. */
    private static Socket tls() throws IOException {
      SSLSocket socket = (SSLSocket) SSLSocketFactory.getDefault().createSocket();
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      return socket;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
