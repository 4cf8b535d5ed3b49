package dev.cairn.cli.config;

/**
 * Where a value comes from. A later one wins: default, file, environment, command line.
 *
 * @param text for people, e.g. {@code default}, {@code /etc/cairn/cairn.toml}, {@code CAIRN_STATE},
 *     {@code --state}
 */
record Origin(String text) {
  static final Origin DEFAULT = new Origin("default");

  static Origin environment(Key key) {
    return new Origin(key.variable());
  }

  static Origin commandLine(Key key) {
    return new Origin(key.flag());
  }
}
