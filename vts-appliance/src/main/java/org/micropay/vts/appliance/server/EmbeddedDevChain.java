package org.micropay.vts.appliance.server;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.micropay.vts.appliance.http.DevChainApi;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.ProtocolException;

/** The embedded chain's handles, as the HTTP interface offers them. */
record EmbeddedDevChain(EmbeddedChain chain) implements DevChainApi {
  private static final int MAX_OUTPUTS = 500;
  private static final int MAX_BLOCKS = 1_000;
  private static final int MATURE_COINS = 50;
  private static final long MAX_TOTAL = 100_000_000_000L;

  @Override
  public Funded fund(FundRequest request) {
    List<Output> outputs = request.outputs() == null ? List.of() : request.outputs();
    if (outputs.isEmpty() || outputs.size() > MAX_OUTPUTS) {
      throw malformed("fund takes 1 to " + MAX_OUTPUTS + " outputs, not " + outputs.size());
    }
    List<Payment> payments = new ArrayList<>();
    long total = 0;
    for (Output output : outputs) {
      payments.add(payment(output));
      total += output.value();
    }
    if (total > MAX_TOTAL) {
      throw malformed("fund gives at most " + MAX_TOTAL + " satoshi at once, not " + total);
    }
    chain.mature(MATURE_COINS);
    try {
      return new Funded(chain.fund(payments).stream().map(EmbeddedDevChain::place).toList());
    } catch (IllegalStateException e) {
      throw malformed(e.getMessage());
    }
  }

  private static Payment payment(Output output) {
    if (output == null || output.script() == null) {
      throw malformed("every output needs script and value");
    }
    if (output.value() < 0 || output.value() > MAX_TOTAL) {
      throw malformed("output value " + output.value() + " is not within 0.." + MAX_TOTAL);
    }
    try {
      return new Payment(HexFormat.of().parseHex(output.script()), output.value());
    } catch (IllegalArgumentException e) {
      throw malformed("an output's script is not hexadecimal");
    }
  }

  private static String place(Outpoint outpoint) {
    return outpoint.txid().toReversedHex() + ":" + outpoint.vout();
  }

  @Override
  public Mined mine(MineRequest request) {
    if (request.blocks() < 1 || request.blocks() > MAX_BLOCKS) {
      throw malformed("mine takes 1 to " + MAX_BLOCKS + " blocks, not " + request.blocks());
    }
    chain.mine(request.blocks());
    BlockRef tip = chain.tip();
    return new Mined(tip.height(), tip.hash().toReversedHex());
  }

  @Override
  public Block block(int height) {
    Bytes32 hash =
        chain.hashAt(height).orElseThrow(() -> malformed("height " + height + " is above the tip"));
    return new Block(
        height,
        hash.toReversedHex(),
        HexFormat.of().formatHex(chain.block(hash).orElseThrow().raw()));
  }

  private static ProtocolException malformed(String message) {
    return new ProtocolException(AnswerCode.MALFORMED, message);
  }
}
