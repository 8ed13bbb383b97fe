package dev.interposer.tests.e2e;

import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.SubmitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** What the scenarios ask of a server. */
public final class Requests {
    private Requests() {}

    /** A UUID of version 7. */
    public static String id() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long front = (System.currentTimeMillis() << 16) | 0x7000 | random.nextInt(1 << 12);
        long back = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(front, back).toString();
    }

    public static ApplyRequest manifest(Installation installation, String example) throws IOException {
        return ApplyRequest.newBuilder()
                .setManifest(Files.readString(installation.example(example)))
                .setRequestId(id())
                .build();
    }

    public static void applySamples(Installation installation) throws IOException {
        for (String sample : new String[] {"suppliers.yaml", "classes.yaml", "queues.yaml"}) {
            installation.fleet().apply(manifest(installation, sample));
        }
    }

    /** One worker with devices of a class. */
    public static SubmitRequest job(String name, String className, int devices, String... command) {
        SubmitRequest.Builder request = SubmitRequest.newBuilder()
                .setRequestId(id())
                .setNamespace("research")
                .setName(name);
        var role = request.getSpecBuilder()
                .setKind(JobKind.JOB_KIND_TRAINING)
                .setQueueName("research")
                .addProfilesBuilder()
                .setName("only")
                .addRolesBuilder()
                .setName("worker");
        role.getWorkersBuilder().setMin(1);
        role.getAcceleratorsBuilder().setClassName(className).setPerWorker(devices);
        for (String word : command) {
            role.getContainerBuilder().addCommand(word);
        }
        return request.build();
    }

    /** One worker without devices. */
    public static SubmitRequest cpuJob(String name, String... command) {
        SubmitRequest.Builder request = job(name, "", 0, command).toBuilder();
        request.getSpecBuilder().getProfilesBuilder(0).getRolesBuilder(0).clearAccelerators();
        return request.build();
    }

    public static JobReference reference(String name) {
        return JobReference.newBuilder().setNamespace("research").setName(name).build();
    }
}
