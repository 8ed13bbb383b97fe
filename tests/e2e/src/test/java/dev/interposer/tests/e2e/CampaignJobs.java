package dev.interposer.tests.e2e;

import dev.interposer.proto.job.v1.SubmitRequest;

/**
 * The jobs of the campaign, by number: gangs and single workers, with whole devices and with shares, some of which are
 * cancelled. One in eight is real processes, and some of those stop by themselves when no leader is heard.
 */
final class CampaignJobs {
    private static final int REAL = 8;
    private static final int CANCELLED = 5;
    private static final int LEASE_SECONDS = 5;

    private final Evidence evidence;

    CampaignJobs(Evidence evidence) {
        this.evidence = evidence;
    }

    SubmitRequest job(int number) {
        return number % REAL == 0 ? real(number) : simulated(number);
    }

    /** When a client cancels it, after it was acknowledged; −1 for never. */
    static int cancelledAfterMillis(int number) {
        if (number % REAL == 0) {
            return number / REAL % 8 == CANCELLED ? 400 * (number % 5) : -1;
        }
        return number % 16 == 5 ? 150 * (number % 3) : -1;
    }

    /** Those with shares last until their node is lost and beyond. */
    private SubmitRequest real(int number) {
        int seconds = number % 5;
        return switch (number / REAL % 8) {
            case 0 -> gang(real(number, 1, seconds), 2, 1000);
            case 1 -> gang(real(number, 1, 4 + seconds), 1, 500);
            case 2 -> gang(real(number, 1, 4 + seconds), 3, 250);
            case 3 -> gang(real(number, 1, seconds), 3, 1000);
            case 4 -> selfFencing(real(number, 1, 2 * LEASE_SECONDS));
            case CANCELLED -> real(number, 1, 30);
            default -> real(number, 1 + number % 4, seconds);
        };
    }

    private SubmitRequest real(int number, int devices, int seconds) {
        String[] command = evidence.command("sleep", Integer.toString(seconds));
        return Requests.job("job-" + number, "amd-mi300x", devices, command);
    }

    private static SubmitRequest simulated(int number) {
        int devices = 1 + number % 8;
        return switch (number % 6) {
            case 1 -> gang(job(number, 1), 1, 300);
            case 3 -> gang(job(number, 1 + devices / 2), 2 + number % 2, 1000);
            default -> job(number, devices);
        };
    }

    private static SubmitRequest job(int number, int devices) {
        return Requests.job("job-" + number, "inhouse-a1", devices, "true");
    }

    private static SubmitRequest gang(SubmitRequest job, int workers, int shareMilli) {
        SubmitRequest.Builder request = job.toBuilder();
        var role = request.getSpecBuilder().getProfilesBuilder(0).getRolesBuilder(0);
        role.getWorkersBuilder().setMin(workers);
        role.getAcceleratorsBuilder().setShareMilli(shareMilli);
        return request.build();
    }

    private static SubmitRequest selfFencing(SubmitRequest job) {
        SubmitRequest.Builder request = job.toBuilder();
        request.getSpecBuilder()
                .getTrainingBuilder()
                .getFailurePolicyBuilder()
                .setOnNodeLost("SelfFence")
                .setLeaseSeconds(LEASE_SECONDS);
        return request.build();
    }
}
