package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.settlement.Books;

/**
 * The account of every satoshi as it is shown.
 *
 * @param agrees whether journal and chain agree
 * @param fromHeight first block
 * @param toHeight last block
 * @param journalHeight the block that the journal ends at
 * @param transactions how many touch the accounts
 * @param grants what became of the granted claims
 * @param balances satoshi by account, lower case; they add up to zero
 * @param differences what does not agree
 * @param csv the entries, one line each behind a line of names
 */
public record AccountAnswer(
    boolean agrees,
    int fromHeight,
    int toHeight,
    int journalHeight,
    int transactions,
    Books.Grants grants,
    Map<String, Long> balances,
    List<Books.Difference> differences,
    List<String> csv) {

  /** From the books. */
  public static AccountAnswer of(Books books) {
    Map<String, Long> balances = new LinkedHashMap<>();
    books
        .balances()
        .forEach(
            (account, satoshi) -> balances.put(account.name().toLowerCase(Locale.ROOT), satoshi));
    return new AccountAnswer(
        books.agrees(),
        books.fromHeight(),
        books.toHeight(),
        books.journalHeight(),
        books.transactions().size(),
        books.grants(),
        balances,
        books.differences(),
        books.csv());
  }

  /** From a server's answer. */
  public static AccountAnswer of(JsonNode body) {
    Map<String, Long> balances = new LinkedHashMap<>();
    body.path("balances")
        .properties()
        .forEach(entry -> balances.put(entry.getKey(), entry.getValue().asLong()));
    List<Books.Difference> differences = new ArrayList<>();
    body.path("differences")
        .forEach(
            one ->
                differences.add(
                    new Books.Difference(one.path("entry").asText(), one.path("text").asText())));
    List<String> csv = new ArrayList<>();
    body.path("csv").forEach(line -> csv.add(line.asText()));
    JsonNode grants = body.path("grants");
    return new AccountAnswer(
        body.path("agrees").asBoolean(),
        body.path("fromHeight").asInt(),
        body.path("toHeight").asInt(),
        body.path("journalHeight").asInt(),
        body.path("transactions").asInt(),
        new Books.Grants(
            grants.path("granted").asInt(),
            grants.path("settled").asInt(),
            grants.path("elsewhere").asInt(),
            grants.path("lost").asInt(),
            grants.path("open").asInt()),
        balances,
        differences,
        csv);
  }
}
