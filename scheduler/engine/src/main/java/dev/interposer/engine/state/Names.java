package dev.interposer.engine.state;

import java.util.HashMap;
import java.util.Map;

/** One object for equal names, which many jobs bear: to compare and to hash it nothing is read that is not near. */
final class Names {
    /** Only a cache: at so many it begins anew. */
    private static final int MOST = 65_536;

    private final Map<String, String> known = new HashMap<>();

    String one(String name) {
        if (known.size() >= MOST) {
            known.clear();
        }
        String before = known.putIfAbsent(name, name);
        return before == null ? name : before;
    }
}
