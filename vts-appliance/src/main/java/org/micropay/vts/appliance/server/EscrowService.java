package org.micropay.vts.appliance.server;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.TipInfo;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.settlement.EscrowWatcher;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/**
 * Registrations and questions about escrows. Cheap to dear: form, network and key, signatures, then
 * the chain; the ledger decides last. Questions are answered from the ledger's view.
 */
final class EscrowService implements Escrows {
  private final LedgerView ledger;
  private final BiFunction<Registration, String, CompletableFuture<EscrowWatcher.Answer>> watcher;
  private final Commands commands;
  private final Executor blocking;

  EscrowService(
      LedgerView ledger,
      BiFunction<Registration, String, CompletableFuture<EscrowWatcher.Answer>> watcher,
      Commands commands,
      Executor blocking) {
    this.ledger = ledger;
    this.watcher = watcher;
    this.commands = commands;
    this.blocking = blocking;
  }

  @Override
  public EscrowStatus status(Bytes32 termsDigest) {
    Optional<EscrowInfo> info = ledger.lookup(termsDigest);
    TipInfo tip = ledger.tip();
    return new EscrowStatus(
        info.map(known -> state(known, tip)).orElse(EscrowStatus.State.UNKNOWN),
        termsDigest,
        info,
        tip);
  }

  private EscrowStatus.State state(EscrowInfo info, TipInfo tip) {
    LedgerPolicy policy = ledger.policy();
    if (info.doubleSpendPosition() != 0) {
      return EscrowStatus.State.DOUBLE_SPENT;
    }
    if (info.isGranted()) {
      return EscrowStatus.State.GRANTED;
    }
    if (info.spentHeight() != 0) {
      return EscrowStatus.State.SPENT;
    }
    if (info.confirmations() < policy.minConfirmations()) {
      return EscrowStatus.State.UNCONFIRMED;
    }
    return tip.height() + policy.refundMargin() >= info.terms().refundHeight()
        ? EscrowStatus.State.REFUND_NEAR
        : EscrowStatus.State.LIVE;
  }

  @Override
  public CompletableFuture<RegisterAnswer> register(byte[] bytes, String client) {
    byte[] copy = bytes.clone();
    return CompletableFuture.supplyAsync(() -> check(copy, client), blocking)
        .thenCompose(answer -> answer)
        .exceptionally(EscrowService::failed);
  }

  private CompletableFuture<RegisterAnswer> check(byte[] bytes, String client) {
    Bytes32 termsDigest = Bytes32.ZERO;
    try {
      Registration registration = Registration.decode(bytes);
      Terms terms = registration.terms();
      termsDigest = terms.digest();
      requireOurs(terms);
      requireSigned(registration);
      return submit(registration, termsDigest, client);
    } catch (ProtocolException e) {
      return CompletableFuture.completedFuture(refused(e.code(), termsDigest, e.getMessage()));
    }
  }

  private void requireOurs(Terms terms) {
    LedgerPolicy policy = ledger.policy();
    if (terms.network() != policy.network()) {
      throw new ProtocolException(
          AnswerCode.WRONG_NETWORK,
          "the terms are for %s; this server serves %s"
              .formatted(name(terms.network()), name(policy.network())));
    }
    if (!terms.vtsKey().equals(policy.vtsKey())) {
      throw new ProtocolException(
          AnswerCode.WRONG_VTS_KEY,
          "the terms name VTS key %s; this server's is %s"
              .formatted(terms.vtsKey(), policy.vtsKey()));
    }
  }

  private static String name(int magic) {
    return Network.ofMagic(magic).map(Network::id).orElse("magic %08x".formatted(magic));
  }

  private static void requireSigned(Registration registration) {
    Terms terms = registration.terms();
    byte[] key = terms.buyerKey().toArray();
    if (!Ecdsa.isValidPublicKey(key)) {
      throw new ProtocolException(
          AnswerCode.INVALID_KEY, "buyer key " + terms.buyerKey() + " is not on the curve");
    }
    if (!Ecdsa.verify(registration.digest().toArray(), registration.sigTerms().toArray(), key)) {
      throw new ProtocolException(
          AnswerCode.BAD_REGISTRATION_SIGNATURE,
          "sigTerms does not verify under buyer key " + terms.buyerKey());
    }
    if (registration.deposit().isPresent()) {
      Deposit deposit = registration.deposit().get();
      byte[] burn = SpendTemplate.burn(terms, deposit).digest().toArray();
      if (!Ecdsa.verify(burn, deposit.sigBurn().toArray(), key)) {
        throw new ProtocolException(
            AnswerCode.BAD_DEPOSIT,
            "sigBurn of deposit " + deposit.outpoint() + " does not verify");
      }
    }
  }

  private CompletableFuture<RegisterAnswer> submit(
      Registration registration, Bytes32 digest, String client) {
    Optional<EscrowInfo> known = ledger.lookup(registration.terms().outpoint());
    if (known.isPresent()) {
      // A repeat needs no chain; the ring still decides, so that its answer is durable.
      EscrowInfo info = known.get();
      return commands
          .register(registration, Math.max(1, info.fundedHeight()), 0, ledger.tip().hash())
          .thenApply(
              result -> answer(AnswerCode.ofNumber(result.code()), digest, result.position(), ""));
    }
    return watcher
        .apply(registration, client)
        .thenApply(a -> answer(a.code(), digest, a.position(), a.text()));
  }

  private static RegisterAnswer answer(
      AnswerCode code, Bytes32 digest, long position, String detail) {
    return code == AnswerCode.REGISTERED
        ? new RegisterAnswer(code, digest, position, 0, "")
        : refused(code, digest, detail.isEmpty() ? code.text() : detail);
  }

  private static RegisterAnswer refused(AnswerCode code, Bytes32 digest, String detail) {
    return new RegisterAnswer(code, digest, 0, RetryHints.millis(code), detail);
  }

  private static RegisterAnswer failed(Throwable failure) {
    return refused(
        AnswerCode.SHUTTING_DOWN, Bytes32.ZERO, "the server is going down; register again later");
  }
}
