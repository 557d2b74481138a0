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

  @Override
  public Funded fund(FundRequest request) {
    List<Output> outputs = request.outputs() == null ? List.of() : request.outputs();
    if (outputs.isEmpty() || outputs.size() > MAX_OUTPUTS) {
      throw malformed("fund takes 1 to " + MAX_OUTPUTS + " outputs, not " + outputs.size());
    }
    List<Payment> payments = new ArrayList<>();
    for (Output output : outputs) {
      try {
        payments.add(new Payment(HexFormat.of().parseHex(output.script()), output.value()));
      } catch (IllegalArgumentException | NullPointerException e) {
        throw malformed("output script '" + output.script() + "' is not hex");
      }
    }
    chain.mature(MATURE_COINS);
    return new Funded(chain.fund(payments).stream().map(EmbeddedDevChain::place).toList());
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
