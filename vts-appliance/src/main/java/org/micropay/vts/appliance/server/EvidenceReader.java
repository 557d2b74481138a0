package org.micropay.vts.appliance.server;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.settlement.CounterSignatures;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.DoubleSpendEvidence.Decided;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * Puts the evidence of a double-spend together from the journal alone, of a running server or of a
 * copy, and from its archive; it never writes and needs no key. One thread, used once.
 *
 * <p>The VTS's signature over the granted release goes along only when the escrow is spent: until
 * then it would let anyone broadcast the pair and take the fee allowance.
 */
public final class EvidenceReader {
  /** Which double-spend is meant; every set member must fit. */
  public sealed interface Selector {
    /** By the position of the proof, the grant or the registration. */
    record AtPosition(long position) implements Selector {}

    /** By the escrow's outpoint. */
    record OnOutpoint(Outpoint outpoint) implements Selector {}

    /** By the digest of the escrow's terms. */
    record UnderTerms(Bytes32 termsDigest) implements Selector {}
  }

  private final JournalPlaces journal;
  private final LongConsumer progress;
  private Decided second;
  private Decided grant;
  private long grantPosition;
  private Registration registration;
  private long registrationPosition;
  private boolean spent;
  private Optional<CompactSignature> counterSignature = Optional.empty();
  private Optional<CompactSignature> burnSignature = Optional.empty();

  private EvidenceReader(JournalPlaces journal, LongConsumer progress) {
    this.journal = journal;
    this.progress = progress;
  }

  /**
   * Reads the journal twice: for the proof, then for what belongs to it.
   *
   * @param progress told of each record
   * @return empty when the journal holds no double-spend of that kind
   * @throws org.micropay.vts.journal.JournalException when the journal cannot be read
   */
  public static Optional<DoubleSpendEvidence> find(
      JournalPlaces journal, Selector selector, LongConsumer progress) {
    EvidenceReader reader = new EvidenceReader(journal, progress);
    reader.scan(
        (position, type, time, payload, offset, length) ->
            reader.findProof(selector, position, type, time, payload, offset, length));
    if (reader.second == null) {
      return Optional.empty();
    }
    reader.scan(reader::collect);
    if (reader.registration == null || reader.grant == null) {
      throw new IllegalStateException(
          "the journal holds the proof at %d, but not its registration and grant"
              .formatted(reader.second.position()));
    }
    return Optional.of(reader.evidence());
  }

  /**
   * Reads the three records that the ledger names, without going through the journal; what
   * settlement signed is left out.
   *
   * @param escrow with a double-spend
   * @param durable how far the journal may be read
   */
  public static Optional<DoubleSpendEvidence> at(
      JournalPlaces journal, EscrowInfo escrow, long durable) {
    if (escrow.doubleSpendPosition() > durable) {
      return Optional.empty();
    }
    EvidenceReader reader = new EvidenceReader(journal, position -> {});
    reader.readAt(
        escrow.doubleSpendPosition(),
        (position, type, time, payload, offset, length) ->
            reader.findProof(
                new Selector.AtPosition(position), position, type, time, payload, offset, length));
    reader.readAt(escrow.grantPosition(), reader::collect);
    reader.readAt(escrow.registrationPosition(), reader::collect);
    return Optional.of(reader.evidence());
  }

  private void readAt(long position, FrameHandler handler) {
    try (JournalReader reader = journal.openNear(position)) {
      reader.next(handler);
    }
  }

  private DoubleSpendEvidence evidence() {
    return new DoubleSpendEvidence(
        registration,
        registrationPosition,
        grant,
        spent ? counterSignature : Optional.empty(),
        second,
        burnSignature);
  }

  private void scan(FrameHandler handler) {
    try (JournalReader reader = journal.open(1)) {
      while (reader.next(handler)) {
        progress.accept(reader.position());
      }
    }
  }

  private void findProof(
      Selector selector,
      long position,
      int type,
      long time,
      DirectBuffer payload,
      int offset,
      int length) {
    if (type != RecordType.DOUBLE_SPEND.number() || second != null) {
      return;
    }
    long granted = DoubleSpendRecord.grantPosition(payload, offset);
    Claim claim =
        Claim.decode(
            bytes(payload, offset + DoubleSpendRecord.CLAIM, length - DoubleSpendRecord.CLAIM));
    boolean wanted =
        switch (selector) {
          case Selector.AtPosition at -> at.position() == position || at.position() == granted;
          case Selector.OnOutpoint on -> on.outpoint().equals(claim.terms().outpoint());
          case Selector.UnderTerms under -> under.termsDigest().equals(claim.terms().digest());
        };
    if (wanted) {
      second = new Decided(claim, position, time);
      grantPosition = granted;
    }
  }

  private void collect(
      long position, int type, long time, DirectBuffer payload, int offset, int length) {
    RecordType known = RecordType.ofNumber(type);
    if (known == null) {
      return;
    }
    switch (known) {
      case REGISTER -> register(position, payload, offset, length);
      case GRANT -> {
        if (position == grantPosition) {
          Claim claim =
              Claim.decode(bytes(payload, offset + GrantRecord.CLAIM, length - GrantRecord.CLAIM));
          grant = new Decided(claim, position, time);
        }
      }
      case ESCROW_SPENT -> spent |= isEscrow(payload, offset);
      case ESCROW_UNSPENT -> spent &= !isEscrow(payload, offset);
      case BATCH_STORED ->
          CounterSignatures.ofBatch(bytes(payload, offset, length), grantPosition)
              .ifPresent(signature -> counterSignature = Optional.of(signature));
      case BURN_STORED ->
          deposit()
              .flatMap(
                  outpoint -> CounterSignatures.ofBurn(bytes(payload, offset, length), outpoint))
              .ifPresent(signature -> burnSignature = Optional.of(signature));
      default -> {}
    }
  }

  private Optional<Outpoint> deposit() {
    return registration == null
        ? Optional.empty()
        : registration.deposit().map(org.micropay.vts.ticket.Deposit::outpoint);
  }

  private void register(long position, DirectBuffer payload, int offset, int length) {
    Terms terms = second.claim().terms();
    byte[] encoded =
        bytes(payload, offset + RegisterRecord.REGISTRATION, length - RegisterRecord.REGISTRATION);
    byte[] wanted = terms.encode();
    if (Arrays.equals(encoded, 0, wanted.length, wanted, 0, wanted.length)) {
      registration = Registration.decode(encoded);
      registrationPosition = position;
    }
  }

  private boolean isEscrow(DirectBuffer payload, int offset) {
    return Arrays.equals(
        bytes(payload, offset + OutpointRecord.OUTPOINT, Outpoint.LENGTH),
        second.claim().terms().outpoint().encode());
  }

  private static byte[] bytes(DirectBuffer payload, int offset, int length) {
    byte[] copy = new byte[length];
    payload.getBytes(offset, copy);
    return copy;
  }
}
