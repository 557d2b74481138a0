package org.micropay.vts.appliance.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ledger.StateDigestRecord;
import org.micropay.vts.ledger.TickRecord;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.CosignatureRecord;

/**
 * A journal record as names and values for JSON. What a type's decoder gives as a Java record is
 * shown component by component; a type that nobody here knows, or a payload that does not decode,
 * as hex. Static; any thread.
 */
public final class RecordFields {
  private RecordFields() {}

  /** One record with position, time, type and payload; the payload's last. */
  public static Map<String, Object> of(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    RecordType known = RecordType.ofNumber(type);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("position", position);
    fields.put("time_millis", timeMillis);
    fields.put("type", known == null ? "UNKNOWN" : known.name());
    fields.put("type_number", type);
    byte[] bytes = new byte[length];
    payload.getBytes(offset, bytes);
    try {
      Map<String, Object> body = known == null ? null : body(known, bytes);
      if (body != null) {
        fields.putAll(body);
        return fields;
      }
    } catch (RuntimeException e) {
      fields.put("fault", String.valueOf(e.getMessage()));
    }
    fields.put("payload", HexFormat.of().formatHex(bytes));
    return fields;
  }

  /** Null for a type without a decoder here. */
  private static Map<String, Object> body(RecordType type, byte[] bytes) {
    UnsafeBuffer in = new UnsafeBuffer(bytes);
    return switch (type) {
      case CONFIG -> config(LedgerPolicy.decode(in, 0, bytes.length));
      case REGISTER -> register(in, bytes);
      case GRANT -> grant(in, bytes);
      case DOUBLE_SPEND -> {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("claim_id", hex(in, DoubleSpendRecord.CLAIM_ID, 32));
        fields.put("grant_position", DoubleSpendRecord.grantPosition(in, 0));
        fields.put("claim", value(Claim.decode(from(bytes, DoubleSpendRecord.CLAIM))));
        yield fields;
      }
      case BLOCK_CONNECTED, BLOCK_DISCONNECTED ->
          map(
              "height", u32(in, BlockRecord.HEIGHT),
              "hash", hash(in, BlockRecord.HASH),
              "parent_hash", hash(in, BlockRecord.PARENT_HASH));
      case ESCROW_FUNDED, ESCROW_UNFUNDED, ESCROW_SPENT, ESCROW_UNSPENT -> outpoint(in, bytes);
      case TICK ->
          bytes.length == 0
              ? Map.of()
              : map("height", u32(in, TickRecord.HEIGHT), "hash", hash(in, TickRecord.HASH));
      case STATE_DIGEST ->
          map(
              "digest",
              String.format(
                  Locale.ROOT,
                  "%016x%016x",
                  StateDigestRecord.high(in, 0),
                  StateDigestRecord.low(in, 0)));
      case OPERATOR_OVERRIDE ->
          map(
              "known_position", OperatorOverride.knownPosition(in, 0),
              "reason", OperatorOverride.reason(in, 0, bytes.length));
      case CHECKPOINT -> record(CheckpointRecord.decode(bytes));
      case COSIGNATURE -> record(CosignatureRecord.decode(bytes));
      default ->
          type.isSettlement()
              ? record(SettlementRecord.decode(type, bytes))
              : type.isPenalty() ? record(PenaltyRecord.decode(type, bytes)) : null;
    };
  }

  /** All but the hash keys, which would let others craft collisions. */
  private static Map<String, Object> config(LedgerPolicy policy) {
    Map<String, Object> fields = record(policy);
    fields.remove("hash_key0");
    fields.remove("hash_key1");
    fields.put("hash_keys", "withheld");
    return fields;
  }

  private static Map<String, Object> register(UnsafeBuffer in, byte[] bytes) {
    Map<String, Object> fields =
        map(
            "funded_height", u32(in, RegisterRecord.FUNDED_HEIGHT),
            "deposit_funded_height", u32(in, RegisterRecord.DEPOSIT_FUNDED_HEIGHT),
            "seen_at_tip", hash(in, RegisterRecord.SEEN_AT_TIP));
    fields.putAll(record(Registration.decode(from(bytes, RegisterRecord.REGISTRATION))));
    return fields;
  }

  private static Map<String, Object> grant(UnsafeBuffer in, byte[] bytes) {
    return map(
        "claim_id", hex(in, GrantRecord.CLAIM_ID, 32),
        "claim", value(Claim.decode(from(bytes, GrantRecord.CLAIM))));
  }

  private static Map<String, Object> outpoint(UnsafeBuffer in, byte[] bytes) {
    Map<String, Object> fields =
        map(
            "outpoint",
            value(
                Outpoint.decode(java.util.Arrays.copyOfRange(bytes, OutpointRecord.OUTPOINT, 36))),
            "height",
            u32(in, OutpointRecord.HEIGHT));
    if (bytes.length == OutpointRecord.SPENT_LENGTH) {
      fields.put("spending_txid", hash(in, OutpointRecord.SPENDING_TXID));
    }
    return fields;
  }

  private static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private static byte[] from(byte[] bytes, int offset) {
    return java.util.Arrays.copyOfRange(bytes, offset, bytes.length);
  }

  private static long u32(UnsafeBuffer in, int offset) {
    return in.getInt(offset, ByteOrder.LITTLE_ENDIAN) & 0xFFFFFFFFL;
  }

  private static String hex(UnsafeBuffer in, int offset, int length) {
    byte[] bytes = new byte[length];
    in.getBytes(offset, bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A block or transaction id as people write it. */
  private static String hash(UnsafeBuffer in, int offset) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    in.getBytes(offset, bytes);
    return Bytes32.of(bytes).toReversedHex();
  }

  // ---- Java records

  private static Map<String, Object> record(Object source) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (RecordComponent component : source.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        fields.put(
            component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT),
            value(component.getAccessor().invoke(source)));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("cannot read " + component, e);
      }
    }
    return fields;
  }

  private static Object value(Object source) {
    return switch (source) {
      case null -> null;
      case Outpoint outpoint -> outpoint.txid().toReversedHex() + ":" + outpoint.vout();
      case byte[] bytes -> HexFormat.of().formatHex(bytes);
      case Optional<?> optional -> value(optional.orElse(null));
      case List<?> list -> {
        List<Object> values = new ArrayList<>();
        list.forEach(element -> values.add(value(element)));
        yield values;
      }
      case Number number -> number;
      case Boolean flag -> flag;
      case Enum<?> constant -> constant.name();
      case Record inner -> record(inner);
      default -> source.toString();
    };
  }
}
