package dev.cairn.backend.tdx.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the kernel's requests into calls of nodes, and what they return or throw into answers.
 *
 * <pre>
 * request
 * offset  size
 *      0     4  length of all of it
 *      4     4  opcode
 *      8     8  number of the request
 *     16     8  number of the node
 *     24    12  uid, gid, thread of the caller
 *     40        what the opcode needs
 * </pre>
 */
final class Session {
  private static final int HEADER = 40;
  private static final int WRITE_DATA = 80;
  private static final int SETATTR_MODE = HEADER + 68;
  private static final int IOCTL_DATA = HEADER + 32;
  private static final int MOST_WRITTEN = 65_536;
  private static final int DIRECT_IO = 1;
  private static final int CHANGES_MODE = 1;
  private static final int CHANGES_UID = 2;
  private static final int CHANGES_GID = 4;
  private static final int ACCESS_MODE = 3;
  private static final int READS = 4;
  private static final int WRITES = 2;

  private final Inodes inodes;
  private final Map<Long, OpenFile> handles = new HashMap<>();
  private final Reply reply = new Reply();
  private long lastHandle;

  Session(Folder root) {
    inodes = new Inodes(root);
  }

  /** Returns the answer to {@code request}, or an empty buffer where none is expected. */
  ByteBuffer answer(ByteBuffer request) {
    long unique = request.getLong(8);
    ByteBuffer out = reply.begin(unique);
    try {
      if (!handle(request, out)) {
        return out.limit(0).position(0);
      }
    } catch (Refusal e) {
      reply.refuse(e.errno());
    } catch (RuntimeException | Error e) {
      reply.refuse(Errno.EIO); // the caller must not wait for ever
      throw new UnansweredException(reply.finish(), e);
    }
    return reply.finish();
  }

  /** A node failed; {@link #answer} has still to be sent. */
  static final class UnansweredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ByteBuffer answer;

    UnansweredException(ByteBuffer answer, Throwable cause) {
      super(cause);
      this.answer = answer;
    }

    ByteBuffer answer() {
      return answer;
    }
  }

  private boolean handle(ByteBuffer in, ByteBuffer out) throws Refusal {
    long node = in.getLong(16);
    switch (in.getInt(4)) {
      case 26 -> init(in, out);
      case 1 -> lookup(node, name(in, HEADER));
      case 2 -> {
        inodes.forget(node, in.getLong(HEADER));
        return false;
      }
      case 42 -> {
        forgetMany(in);
        return false;
      }
      case 36 -> { // INTERRUPT: whoever waits, waits for the answer
        return false;
      }
      case 3 -> reply.putAttributeReply(node, inodes.node(node));
      case 4 -> setAttributes(in, node);
      case 5 -> out.put(link(node).target());
      case 9 -> makeFolder(in, node);
      case 11 -> removeFolder(in, node);
      case 14 -> open(in, out, node);
      case 15 -> read(in, out);
      case 16 -> write(in, out);
      case 39 -> ioctl(in, out);
      case 25, 34 -> {} // FLUSH, ACCESS
      case 18 -> release(in);
      case 27 -> out.putLong(0).putLong(0); // OPENDIR
      case 28 -> list(in, node);
      case 29 -> {} // RELEASEDIR
      case 35 -> throw new Refusal(Errno.EACCES); // CREATE: no such operation in these trees
      case 6, 8, 10, 12, 13, 45 -> throw new Refusal(Errno.EPERM); // LINK, UNLINK, RENAME, …
      default -> throw new Refusal(Errno.ENOSYS);
    }
    return true;
  }

  private static void init(ByteBuffer in, ByteBuffer out) {
    int minor = 31;
    out.putInt(7).putInt(minor).putInt(in.getInt(HEADER + 8)).putInt(0);
    out.putShort((short) 12).putShort((short) 10).putInt(MOST_WRITTEN).putInt(1);
    out.put(new byte[36]);
  }

  private void lookup(long parent, String name) throws Refusal {
    Folder folder = inodes.folder(parent);
    Node found = folder.entries().get(name);
    if (found == null) {
      throw new Refusal(Errno.ENOENT);
    }
    reply.putEntry(inodes.lookup(found), found, folder.remembered());
  }

  private void forgetMany(ByteBuffer in) {
    int count = in.getInt(HEADER);
    for (int i = 0; i < count; i++) {
      int at = HEADER + 8 + i * 16;
      inodes.forget(in.getLong(at), in.getLong(at + 8));
    }
  }

  /** Sizes are taken and mean nothing: neither O_TRUNC nor ftruncate changes these files. */
  private void setAttributes(ByteBuffer in, long number) throws Refusal {
    Node node = inodes.node(number);
    int changes = in.getInt(HEADER);
    if ((changes & (CHANGES_MODE | CHANGES_UID | CHANGES_GID)) != 0
        && !node.isOwnedBy(caller(in))) {
      throw new Refusal(Errno.EPERM);
    }
    if ((changes & CHANGES_MODE) != 0) {
      node.setPermissions(in.getInt(SETATTR_MODE));
    }
    node.setOwner(
        (changes & CHANGES_UID) != 0 ? in.getInt(SETATTR_MODE + 8) : node.uid(),
        (changes & CHANGES_GID) != 0 ? in.getInt(SETATTR_MODE + 12) : node.gid());
    reply.putAttributeReply(number, node);
  }

  private void makeFolder(ByteBuffer in, long parent) throws Refusal {
    Folder folder = inodes.folder(parent);
    String name = name(in, HEADER + 8);
    if (folder.entries().containsKey(name)) {
      throw new Refusal(Errno.EEXIST);
    }
    if (!folder.allows(caller(in), WRITES)) {
      throw new Refusal(Errno.EACCES);
    }
    folder.makeFolder(name);
    lookup(parent, name);
  }

  private void removeFolder(ByteBuffer in, long parent) throws Refusal {
    Folder folder = inodes.folder(parent);
    if (!folder.allows(caller(in), WRITES)) {
      throw new Refusal(Errno.EACCES);
    }
    folder.removeFolder(name(in, HEADER));
  }

  private void open(ByteBuffer in, ByteBuffer out, long number) throws Refusal {
    if (!(inodes.node(number) instanceof RegularFile file)) {
      throw new Refusal(Errno.EISDIR);
    }
    int access = in.getInt(HEADER) & ACCESS_MODE;
    boolean reading = access != 1;
    boolean writing = access != 0;
    Caller caller = caller(in);
    if (!file.allows(caller, (reading ? READS : 0) | (writing ? WRITES : 0))) {
      throw new Refusal(Errno.EACCES);
    }
    long handle = ++lastHandle;
    handles.put(handle, file.open(caller, reading, writing));
    out.putLong(handle).putInt(DIRECT_IO).putInt(0);
  }

  private OpenFile handle(ByteBuffer in) {
    OpenFile file = handles.get(in.getLong(HEADER));
    if (file == null) {
      throw new IllegalStateException("the kernel uses a handle that is not open");
    }
    return file;
  }

  private void read(ByteBuffer in, ByteBuffer out) throws Refusal {
    int most = Math.min(in.getInt(HEADER + 16), Reply.MOST_CONTENT);
    out.put(handle(in).read(in.getLong(HEADER + 8), most));
  }

  private void write(ByteBuffer in, ByteBuffer out) throws Refusal {
    byte[] data = new byte[in.getInt(HEADER + 16)];
    in.get(WRITE_DATA, data);
    out.putInt(handle(in).write(caller(in), in.getLong(HEADER + 8), data)).putInt(0);
  }

  private void ioctl(ByteBuffer in, ByteBuffer out) throws Refusal {
    byte[] argument = new byte[Math.max(in.getInt(HEADER + 24), in.getInt(HEADER + 28))];
    in.get(IOCTL_DATA, argument, 0, in.getInt(HEADER + 24));
    int result = handle(in).ioctl(in.getInt(HEADER + 12), argument);
    out.putInt(result).putInt(0).putInt(0).putInt(0);
    out.put(argument, 0, in.getInt(HEADER + 28));
  }

  private void release(ByteBuffer in) {
    handle(in).release();
    handles.remove(in.getLong(HEADER));
  }

  private void list(ByteBuffer in, long number) throws Refusal {
    Map<String, Node> entries = inodes.folder(number).entries();
    List<String> names = new ArrayList<>(List.of(".", ".."));
    names.addAll(entries.keySet());
    int most = Math.min(in.getInt(HEADER + 16), Reply.MOST_CONTENT);
    for (long next = in.getLong(HEADER + 8); next < names.size(); next++) {
      String name = names.get((int) next);
      Node node = entries.get(name);
      if (!reply.putName(name, node == null ? 0040000 : node.type(), next + 1, most)) {
        return;
      }
    }
  }

  private Link link(long number) throws Refusal {
    if (inodes.node(number) instanceof Link link) {
      return link;
    }
    throw new Refusal(Errno.EINVAL);
  }

  private static Caller caller(ByteBuffer in) {
    return new Caller(in.getInt(24), in.getInt(28), in.getInt(32));
  }

  /** Returns the text from {@code at} to the NUL. */
  private static String name(ByteBuffer in, int at) {
    int end = at;
    while (in.get(end) != 0) {
      end++;
    }
    byte[] utf8 = new byte[end - at];
    in.get(at, utf8);
    return new String(utf8, UTF_8);
  }

  /** Returns how many files are open: at the end of a test, none. */
  int openFiles() {
    return handles.size();
  }
}
