package dev.interposer.server.config;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;

/** Settings as somebody writes them, by their names, over the standard ones. */
public final class Settings {
    private Settings() {}

    /** @param said {@code name=value}, without {@code interposer.} in front */
    public static ServerConfig of(String... said) {
        Map<String, String> values = new HashMap<>(Map.of("interposer.home", "/nowhere"));
        for (String setting : said) {
            String[] parts = setting.split("=", 2);
            values.put("interposer." + parts[0], parts[1]);
        }
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .addDefaultInterceptors()
                .withDefaultValues(values)
                .withMapping(ServerConfig.class)
                .build()
                .getConfigMapping(ServerConfig.class);
    }
}
