package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** What is wrong with a file or folder that the command line names: in words, and as an end. */
final class FileTrouble {
  private FileTrouble() {}

  /** One sentence: the JDK's exceptions say no more than the path. */
  static String of(Path path, IOException e) {
    if (e instanceof NoSuchFileException) {
      return path + " does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return path + " is not open to this user";
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return path + " is a file; name a folder";
    }
    return path + ": " + e.getMessage();
  }

  /** 66: a file to be read cannot be. */
  static CommandException unreadable(Path path, IOException e) {
    return new CommandException(ExitCode.NO_INPUT, "NO_INPUT", of(path, e));
  }

  /** 66 unless {@code folder} is one, or null. */
  static void requireFolder(String what, Path folder) {
    if (folder != null && !Files.isDirectory(folder)) {
      throw new CommandException(
          ExitCode.NO_INPUT,
          "NO_INPUT",
          "%s %s %s"
              .formatted(what, folder, Files.exists(folder) ? "is no folder" : "does not exist"));
    }
  }

  /** 73 when {@code folder} is there and is none. */
  static void requireNoFile(String what, Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE,
          "CANNOT_CREATE",
          "%s %s is a file; name a folder".formatted(what, folder));
    }
  }
}
