package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.Authority;
import dev.interposer.proto.fleet.v1.JoinToken;
import java.util.List;

/** Who may join, as tables. */
public final class AccessTables {
    private AccessTables() {}

    public static Table tokens(List<JoinToken> tokens) {
        Table table = new Table("ID", "STATE", "USED", "NODES", "EXPIRES", "AGE", "MADE BY");
        for (JoinToken token : tokens) {
            table.row(
                    token.getId(),
                    token.getState(),
                    token.getUsed() + "/" + token.getUses(),
                    token.getNodePattern().isEmpty() ? "all" : token.getNodePattern(),
                    token.getState().equals("Expired") ? "" : Ages.until(token.getExpiresAtMicros()),
                    Ages.since(token.getMadeAtMicros()),
                    token.getMadeBy());
        }
        return table;
    }

    public static Table authorities(List<Authority> authorities) {
        Table table = new Table("NUMBER", "STATE", "SIGNS", "CERTIFICATES", "PIN");
        for (Authority authority : authorities) {
            boolean next = authority.getStage().equals("Next");
            table.row(
                    authority.getNumber(),
                    authority.getStage(),
                    next
                            ? "in " + Ages.until(authority.getSignsFromMicros())
                            : "since " + Ages.since(authority.getSignsFromMicros()),
                    authority.getCertificates(),
                    "sha256:" + authority.getPin());
        }
        return table;
    }
}
