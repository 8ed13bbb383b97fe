package dev.interposer.server.view;

import java.util.Locale;

/** Constants as people read them: {@code WAIT_FOR_FENCE} is {@code WaitForFence}. */
public final class Names {
    private Names() {}

    public static String camel(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
