package dev.interposer.server.security;

/** What a token is for. Each of the first four may do what the ones before it may. */
public enum Role {
    VIEWER,
    SUBMITTER,
    OPERATOR,
    ADMIN,
    /** Speaks for nodes, and for nothing else. */
    AGENT;

    public boolean covers(Role needed) {
        if (this == AGENT || needed == AGENT) {
            return this == needed;
        }
        return compareTo(needed) >= 0;
    }
}
