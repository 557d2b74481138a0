package org.micropay.vts.merchant;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;

/**
 * The JSON file of a wallet's folder: each change takes the folder's lock, reads the file, and
 * replaces it whole. Thread-safe, and safe beside other processes.
 */
final class WalletFile {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String NAME = "wallet.json";

  // File locks are the process's: two wallets of one process need a lock of their own.
  private static final Object PROCESS = new Object();

  private final Path folder;

  /** What a change makes of the file, and what its caller gets. */
  record Change<T>(WalletData data, T result) {}

  private interface Work<T> {
    T run() throws IOException;
  }

  WalletFile(Path folder) {
    this.folder = folder;
  }

  boolean exists() {
    return Files.exists(folder.resolve(NAME));
  }

  /** Writes the first version. */
  void create(WalletData data) throws IOException {
    save(data);
  }

  <T> T read(Function<WalletData, T> reader) {
    return locked(() -> reader.apply(load()));
  }

  <T> T change(Function<WalletData, Change<T>> edit) {
    return locked(
        () -> {
          WalletData before = load();
          Change<T> change = edit.apply(before);
          if (!change.data.equals(before)) {
            save(change.data);
          }
          return change.result;
        });
  }

  private <T> T locked(Work<T> work) {
    synchronized (PROCESS) {
      return lockedFile(work);
    }
  }

  private <T> T lockedFile(Work<T> work) {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("wallet.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new MerchantStorageException(folder + ": the wallet's lock was lost");
      }
      return work.run();
    } catch (JacksonException e) {
      throw new MerchantStorageException(
          folder.resolve(NAME) + " is not a wallet: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  private WalletData load() throws IOException {
    WalletData data = JSON.readValue(PrivateFile.read(folder.resolve(NAME)), WalletData.class);
    if (data.version() != WalletData.VERSION) {
      throw new IOException("wallet version " + data.version() + "; this program reads 1");
    }
    return data;
  }

  private void save(WalletData data) throws IOException {
    PrivateFile.replace(folder.resolve(NAME), JSON.writeValueAsBytes(data));
  }
}
