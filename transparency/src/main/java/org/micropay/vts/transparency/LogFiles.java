package org.micropay.vts.transparency;

import java.util.List;

/** Where a log's files are kept. One writer; any number of readers, which see whole files only. */
public interface LogFiles extends LogSource {
  /**
   * A file to write.
   *
   * @param path below the log's prefix
   * @param bytes all of it
   */
  record NewFile(String path, byte[] bytes) {}

  /**
   * Writes files. When it returns they are on disk under their names; when it fails each is there
   * as a whole, old or new.
   *
   * @throws java.io.UncheckedIOException when one cannot be written
   */
  void write(List<NewFile> files);

  /** Removes a folder and the files in it, if it is there. */
  void deleteFolder(String path);
}
