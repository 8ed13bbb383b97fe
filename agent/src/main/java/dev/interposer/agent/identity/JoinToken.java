package dev.interposer.agent.identity;

import dev.interposer.agent.config.ConfigException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an agent joins with.
 *
 * @param id public part
 * @param secret shown to no one but a server of the pins
 * @param pins SHA-256 of the public keys of the authorities to be believed, in hexadecimal digits
 */
public record JoinToken(String id, String secret, List<String> pins) {
    private static final int DIGEST_BYTES = 32;
    private static final Pattern FORM =
            Pattern.compile("itp-([0-9a-z]{4,32})\\.([-_0-9A-Za-z]{20,128})((?:\\.[-_0-9A-Za-z]{43}){1,4})");

    public JoinToken {
        pins = List.copyOf(pins);
    }

    /** @param source where it was said, for the error, which must not repeat it */
    public static JoinToken parse(String said, String source) throws ConfigException {
        Matcher matcher = FORM.matcher(said.strip());
        if (!matcher.matches()) {
            throw wrong(source);
        }
        List<String> pins = new ArrayList<>();
        for (String pin : matcher.group(3).substring(1).split("\\.", -1)) {
            try {
                byte[] digest = Base64.getUrlDecoder().decode(pin);
                if (digest.length != DIGEST_BYTES) {
                    throw wrong(source);
                }
                pins.add(HexFormat.of().formatHex(digest));
            } catch (IllegalArgumentException e) {
                throw wrong(source);
            }
        }
        return new JoinToken(matcher.group(1), matcher.group(2), pins);
    }

    private static ConfigException wrong(String source) {
        return new ConfigException("the join token of " + source + " must be as `interposer create token` said it:"
                + " itp-ID.SECRET.PIN, whole and on one line");
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "join token " + id;
    }
}
