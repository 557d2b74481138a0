package org.micropay.vts.appliance.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.function.UnaryOperator;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigException;

/**
 * Certificate and key of an interface, read and held against each other at the start: a pair that
 * does not belong together would otherwise only show in the clients' failing handshakes.
 */
public final class TlsFiles {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private TlsFiles() {}

  /**
   * Reads both files.
   *
   * @param section of the configuration, for messages: {@code stream} or {@code http}
   * @param resolve makes the configuration's relative paths absolute
   * @throws ConfigException naming file and key of the configuration, and what to do
   */
  public static PemKeyCertOptions read(
      String section, ApplianceConfig.Tls tls, UnaryOperator<Path> resolve) {
    String certificateName = section + ".tls.certificate";
    String keyName = section + ".tls.key";
    Path certificateFile = resolve.apply(tls.certificate());
    Path keyFile = resolve.apply(tls.key());
    byte[] chain = bytes(certificateName, certificateFile);
    byte[] key = bytes(keyName, keyFile);
    PublicKey certified = leaf(certificateName, certificateFile, chain).getPublicKey();
    if (!signsFor(privateKey(keyName, keyFile, key, certified.getAlgorithm()), certified)) {
      throw new ConfigException(
          "%s: %s is not the key of the certificate in %s"
              .formatted(keyName, keyFile, certificateFile));
    }
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(chain))
        .addKeyValue(Buffer.buffer(key));
  }

  private static byte[] bytes(String name, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      String why = Files.exists(file) ? "cannot be read" : "does not exist";
      throw new ConfigException("%s: %s %s".formatted(name, file, why));
    }
  }

  private static Certificate leaf(String name, Path file, byte[] pem) {
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (!chain.isEmpty()) {
        return chain.iterator().next();
      }
    } catch (GeneralSecurityException e) {
      // The same answer as for a file without any certificate.
    }
    throw new ConfigException(
        "%s: %s holds no PEM certificate; put the chain there, leaf first".formatted(name, file));
  }

  private static PrivateKey privateKey(String name, Path file, byte[] pem, String algorithm) {
    String text = new String(pem, StandardCharsets.US_ASCII);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin >= 0 && end > begin) {
      try {
        byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        // The same answer as for a file without such a key; nothing of it may be told.
      }
    }
    throw new ConfigException(
        "%s: %s holds no unencrypted PKCS#8 PEM key of the certificate's kind (%s)"
            .formatted(name, file, algorithm));
  }

  private static boolean signsFor(PrivateKey key, PublicKey certified) {
    String signature =
        switch (certified.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> certified.getAlgorithm();
        };
    try {
      Signature signer = Signature.getInstance(signature);
      signer.initSign(key);
      signer.update(new byte[1]);
      byte[] signed = signer.sign();
      signer.initVerify(certified);
      signer.update(new byte[1]);
      return signer.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
