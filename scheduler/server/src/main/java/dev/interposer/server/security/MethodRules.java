package dev.interposer.server.security;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The role that each gRPC method needs. A method without a rule is refused; a test walks all of them. */
public final class MethodRules {
    private static final String JOBS = "interposer.job.v1.JobService/";
    private static final String FLEET = "interposer.fleet.v1.FleetService/";

    private static final String INSPECTION = "interposer.fleet.v1.InspectionService/";

    private static final String ACCESS = "interposer.fleet.v1.AccessService/";

    /** Those that look themselves at whom they let in: whoever joins has neither token nor certificate yet. */
    private static final Set<String> OPEN = Set.of("interposer.agent.v1.JoinService/Join");

    private static final Map<String, Role> RULES = Map.ofEntries(
            Map.entry(JOBS + "Submit", Role.SUBMITTER),
            Map.entry(JOBS + "SubmitBatch", Role.SUBMITTER),
            Map.entry(JOBS + "SubmitStream", Role.SUBMITTER),
            Map.entry(JOBS + "Cancel", Role.SUBMITTER),
            Map.entry(JOBS + "Scale", Role.SUBMITTER),
            Map.entry(JOBS + "Get", Role.VIEWER),
            Map.entry(JOBS + "List", Role.VIEWER),
            Map.entry(JOBS + "Watch", Role.VIEWER),
            Map.entry(JOBS + "Explain", Role.VIEWER),
            Map.entry(JOBS + "DryRun", Role.SUBMITTER),
            Map.entry(JOBS + "Logs", Role.VIEWER),
            Map.entry(JOBS + "History", Role.VIEWER),
            // What a manifest needs depends on the kinds in it: objects of the cluster need an operator.
            Map.entry(FLEET + "Apply", Role.SUBMITTER),
            Map.entry(FLEET + "Delete", Role.OPERATOR),
            Map.entry(FLEET + "ListNodes", Role.VIEWER),
            Map.entry(FLEET + "GetNode", Role.VIEWER),
            Map.entry(FLEET + "ListDevices", Role.VIEWER),
            Map.entry(FLEET + "ListClasses", Role.VIEWER),
            Map.entry(FLEET + "ListSuppliers", Role.VIEWER),
            Map.entry(FLEET + "ListQueues", Role.VIEWER),
            Map.entry(FLEET + "ListOrders", Role.VIEWER),
            Map.entry(FLEET + "ListPolicies", Role.VIEWER),
            Map.entry(FLEET + "GetSupply", Role.VIEWER),
            Map.entry(FLEET + "GetCoverage", Role.VIEWER),
            Map.entry(FLEET + "GetConversion", Role.VIEWER),
            Map.entry(FLEET + "FenceNode", Role.OPERATOR),
            Map.entry(FLEET + "CordonNode", Role.OPERATOR),
            Map.entry(FLEET + "DrainNode", Role.OPERATOR),
            Map.entry(FLEET + "RemoveNode", Role.OPERATOR),
            Map.entry(FLEET + "ResumePlacement", Role.ADMIN),
            Map.entry(FLEET + "Status", Role.VIEWER),
            Map.entry(INSPECTION + "Check", Role.OPERATOR),
            Map.entry(INSPECTION + "Dump", Role.OPERATOR),
            Map.entry(ACCESS + "CreateToken", Role.ADMIN),
            Map.entry(ACCESS + "ListTokens", Role.OPERATOR),
            Map.entry(ACCESS + "RevokeToken", Role.OPERATOR),
            Map.entry(ACCESS + "RevokeNode", Role.OPERATOR),
            Map.entry(ACCESS + "RotateAuthority", Role.ADMIN),
            Map.entry(ACCESS + "ListAuthorities", Role.OPERATOR),
            Map.entry("interposer.agent.v1.AgentService/Connect", Role.AGENT));

    private MethodRules() {}

    public static boolean isOpen(String fullMethodName) {
        return OPEN.contains(fullMethodName);
    }

    /** Null for a method without a rule. */
    public static @Nullable Role needed(String fullMethodName) {
        return RULES.get(fullMethodName);
    }
}
