package dev.interposer.server.dra;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes by domain: a domain that is not there has none, and is still not there. So {@code
 * has(device.attributes["a.example"].b)} can be asked of any device, as in Kubernetes.
 */
final class Domains extends AbstractMap<String, Map<String, Object>> {
    private final Map<String, Map<String, Object>> there;

    Domains(Map<String, Map<String, Object>> there) {
        this.there = there;
    }

    @Override
    public Set<Entry<String, Map<String, Object>>> entrySet() {
        return there.entrySet();
    }

    @Override
    public boolean containsKey(@Nullable Object domain) {
        return there.containsKey(domain);
    }

    @Override
    public Map<String, Object> get(@Nullable Object domain) {
        return there.getOrDefault(domain, Map.of());
    }
}
