package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Ticket;

/** The headers of docs/PAYING.md, with the values of docs/PROTOCOL.md's worked vectors. */
class PayingFormatTest {
  private static final String ASK =
      "ZLbIYFpkibQLDdru0Rhv6xb0fj-fAahJscxXLSEwakgAFOT0aU2o2aeRU1m14B6jOCh3P7l5";
  private static final String VTS_KEY =
      "02e666562ff47964aba5f7e8a98b0ce9c9e264740ff809a712f83600876eaa0b5e";
  private static final String TICKET =
      "kg-S2UZoj3277fnLiM8sS2dnFyDhpDyr_xjyyejRtMNktshgWmSJtAsN2u7RGG_rFvR-P58BqEmxzFctITBqSJaqxFHn"
          + "qtFCLvRYL9GGxTQA0klrFgAU5PRpTajZp5FTWbXgHqM4KHc_uXmBXvZO12YJRCnwnuCViKLDqgSS73-uVYE-n4aVe"
          + "5YgySmg8E20fsBk2yQeYAJahWiYa4Vnw4osATyWpyo30Axj89qHH8etRt_PzlKQ9GALuNy-AQqRvAmlhI7h4lFHPb"
          + "Rjwy2MGP8d8MCy-mDu8BNZg4A_wWhnVXwcECAvbls3DA";
  private static final String OPENING = "-iTCVYkGj0LgwQEwv0de20_9noU0LcjWyFwAe0J3FU4";
  private static final String HEADER =
      "VTS-Ticket version=1, network=regtest, vts=\"http://127.0.0.1:8480\", vts-key="
          + VTS_KEY
          + ", price=1500, counter=006b49d200000001, ask="
          + ASK
          + ", ask-expires=1800000300, min-expiry=86400";

  private static Challenge challenge() {
    return new Challenge(
        Network.REGTEST,
        URI.create("http://127.0.0.1:8480"),
        PublicKey.fromHex(VTS_KEY),
        new Price(1500),
        0x006b49d200000001L,
        Ask.fromBase64Url(ASK),
        1_800_000_300L,
        86_400,
        1,
        Integer.MAX_VALUE,
        TicketRefusal.PAYMENT_REQUIRED);
  }

  @Test
  void shouldWriteTheChallengeOfThePage() {
    assertEquals(HEADER, challenge().toHeader());
    assertEquals(challenge(), Challenge.parse(HEADER).orElseThrow());
  }

  @Test
  void shouldFindItsChallengeAmongOthers() {
    String among =
        "Basic realm=\"a, VTS-Ticket version=9\", " + HEADER + ", Digest realm=\"x\", nonce=\"y\"";
    assertEquals(Optional.of(challenge()), Challenge.parse(among));
    assertEquals(Optional.empty(), Challenge.parse("Basic realm=\"x\""));
    assertEquals(Optional.empty(), Challenge.parse(HEADER.replace("version=1", "version=2")));
    assertEquals(
        challenge(),
        Challenge.parse(
                HEADER
                    .replace("VTS-Ticket", "vts-ticket")
                    .replace("price=1500", "Price = \"15\\00\"")
                    .concat(", later-parameter=\"of, a later version\", error=LATER_REASON"))
            .orElseThrow());
  }

  @Test
  void shouldRefuseBrokenChallenges() {
    for (String broken :
        List.of(
            HEADER.replace("price=1500", "price=-1"),
            HEADER.replace("price=1500", "price=9007199254740992"),
            HEADER.replace("price=1500", "price=99999999999999999999"),
            HEADER.replace("price=1500", "price=1500, price=1"),
            HEADER.replace(", price=1500", ""),
            HEADER.replace("006b49d200000001", "006B49D200000001"),
            HEADER.replace("006b49d200000001", "6b49d200000001"),
            HEADER.replace("ask=ZL", "ask=Z"),
            HEADER.replace("network=regtest", "network=dogecoin"),
            HEADER.replace("http://127", "ftp://127"),
            HEADER.replace("\"http", "http"),
            HEADER + ",",
            HEADER + ", x=\"open")) {
      assertThrows(IllegalArgumentException.class, () -> Challenge.parse(broken), broken);
    }
  }

  @Test
  void shouldCarryATicketInHeaderAndBody() {
    PresentedTicket presented = new PresentedTicket(258, Ticket.fromBase64Url(TICKET));
    assertEquals(
        "VTS-Ticket counter=0000000000000102, ticket=" + TICKET, presented.authorization());
    assertEquals(
        Optional.of(presented), PresentedTicket.parseAuthorization(presented.authorization()));
    assertEquals(Optional.empty(), PresentedTicket.parseAuthorization("Bearer abc"));
    assertEquals(Optional.empty(), PresentedTicket.parseAuthorization("VTS-TicketX a=b"));
    byte[] body = presented.body();
    assertEquals(243, body.length);
    assertEquals(presented, PresentedTicket.parseBody(body));
    assertArrayEquals(body, PresentedTicket.parseBody(body).body());
    assertThrows(IllegalArgumentException.class, () -> PresentedTicket.parseBody(new byte[242]));
    for (String broken :
        List.of(
            "VTS-Ticket",
            "VTS-Ticket counter=0000000000000102",
            "VTS-Ticket counter=0000000000000102, ticket=" + TICKET.substring(1),
            "VTS-Ticket counter=0000000000000102, ticket=" + TICKET + "=",
            "VTS-Ticket counter=0000000000000102 ticket=" + TICKET)) {
      assertThrows(
          IllegalArgumentException.class, () -> PresentedTicket.parseAuthorization(broken), broken);
    }
  }

  @Test
  void shouldTellTheOutcome() {
    TicketResult lost = TicketResult.lost(Opening.fromBase64Url(OPENING));
    assertEquals("outcome=lost, opening=" + OPENING, lost.toHeader());
    assertEquals(lost, TicketResult.parse(lost.toHeader()));
    assertEquals("outcome=won", TicketResult.won().toHeader());
    assertTrue(TicketResult.parse("outcome=won, reusable=1").reusable());
    assertFalse(TicketResult.parse("outcome=won").reusable());
    assertThrows(IllegalArgumentException.class, () -> TicketResult.parse("outcome=lost"));
    assertThrows(IllegalArgumentException.class, () -> TicketResult.parse("outcome=drawn"));
  }
}
