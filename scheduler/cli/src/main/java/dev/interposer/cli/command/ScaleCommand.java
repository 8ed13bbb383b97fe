package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.ScaleRequest;
import dev.interposer.proto.job.v1.ScaleResponse;
import dev.interposer.proto.job.v1.WorkerBounds;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code scale}. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        description = "Give a live job another size: replicas of an inference job, workers of a training job.",
        footer = {
            "",
            "Fewer replicas: those that wait leave first, then what was placed last. Bounds that leave out the workers",
            "that run stop an elastic job with its grace; it starts again within them.",
            "Examples: interposer scale job chat --replicas 6 -n serving",
            "          interposer scale job train --size 4..16 -n research",
            "          interposer scale job train --size 8 --profile large --role worker -n research"
        })
public final class ScaleCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(
            paramLabel = "JOB",
            arity = "1..2",
            description = "Name, namespace/name or id; \"job\" may stand before it.")
    private List<String> words;

    @Option(names = "--replicas", paramLabel = "N", description = "Of an inference job: so many replicas.")
    private @Nullable Integer replicas;

    @Option(
            names = "--size",
            paramLabel = "MIN..MAX",
            converter = Bounds.class,
            description = "Of a training job: from so many to so many workers; one number for a fixed count.")
    private @Nullable Size size;

    @Option(names = "--profile", defaultValue = "", description = "With --size: the profile, if the job has several.")
    private String profile;

    @Option(names = "--role", defaultValue = "", description = "With --size: the role, if the profile has several.")
    private String role;

    record Size(int min, int max) {}

    /** {@code 4..16}, {@code 8}. */
    static final class Bounds implements ITypeConverter<Size> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(?:\\.\\.(\\d{1,9}))?");

        @Override
        public Size convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no size such as 4..16 or 8");
            }
            int min = Integer.parseInt(matcher.group(1));
            return new Size(min, matcher.group(2) == null ? min : Integer.parseInt(matcher.group(2)));
        }
    }

    @Override
    public Integer call() {
        String name = Kind.JOB.name("scale", words);
        ScaleRequest.Builder request =
                ScaleRequest.newBuilder().setJob(context.job(name)).setRequestId(Client.requestId());
        String text = replicas == null ? workers(request) : replicas(request, replicas);
        try (Client client = context.connect()) {
            ScaleResponse response = Client.untilAnswered(() -> client.jobs().scale(request.build()));
            context.say(response, context.jobName(name), name + " is scaled to " + text);
        }
        return 0;
    }

    private String replicas(ScaleRequest.Builder request, int number) {
        if (size != null || !role.isEmpty() || !profile.isEmpty()) {
            throw new CliException(
                    CliException.USAGE,
                    "--replicas (" + number
                            + ") goes without --size, --profile and --role: each replica stays as it is");
        }
        request.setReplicas(number);
        return number + (number == 1 ? " replica" : " replicas");
    }

    private String workers(ScaleRequest.Builder request) {
        Size wanted = size;
        if (wanted == null) {
            throw new CliException(CliException.USAGE, "--replicas or --size is missing. Maybe --replicas 2?");
        }
        request.setWorkers(WorkerBounds.newBuilder()
                .setProfileName(profile)
                .setRoleName(role)
                .setMin(wanted.min())
                .setMax(wanted.max()));
        return (wanted.min() == wanted.max() ? "" : wanted.min() + " to ") + wanted.max() + " workers";
    }
}
