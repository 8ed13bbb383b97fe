package dev.interposer.engine.model;

/**
 * Who caused a command.
 *
 * @param kind what sort of actor
 * @param name its name: a user, {@code cluster/node}, the name of a policy
 * @param source the way the command came: {@code grpc}, {@code rest}, {@code kubernetes}, {@code agent}, {@code timer}
 */
public record Actor(ActorKind kind, String name, String source) {
    /** The scheduler itself: timers, decisions, clean-up. */
    public static final Actor SCHEDULER = new Actor(ActorKind.POLICY, "scheduler", "timer");

    public static Actor user(String name, String source) {
        return new Actor(ActorKind.USER, name, source);
    }

    public static Actor agent(String node) {
        return new Actor(ActorKind.AGENT, node, "agent");
    }
}
