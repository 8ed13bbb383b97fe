package dev.interposer.agent.runtime;

import dev.interposer.agent.config.Retention;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Removes what workers left behind, with their logs, once it is old or there is too much of it.
 *
 * <p>Naive is to look at the age alone: a worker that runs for a week without a word would lose its folder, and so
 * would one whose end no leader has heard of yet. So first the folders are listed, then the agent's loop says which of
 * them it still needs, and only then the rest is judged. In this order a clock that jumps does no harm: what was listed
 * had begun, and what has begun is needed until its end is acknowledged.
 *
 * <p>A worker may have left anything in its folder, and other workers of the same user may change it meanwhile. So
 * every step down is taken from a folder that is held open and never through a link: an agent that runs as root must
 * not be led out of there.
 */
public final class EndedFolders {
    private static final Logger LOG = System.getLogger(EndedFolders.class.getName());
    private static final Pattern NAME = Pattern.compile("(\\d{1,18})-(\\d{1,9})-(\\d{1,9})-(\\d{1,9})");
    private static final int MOST_DEPTH = 100;

    private final Path workers;
    private final ProcessTable table = new KernelTable();
    private final Environments environments = new Environments();
    private final Retention retention;

    /** What could not be removed, so that it is logged once and not at every look. */
    private Set<Path> left = Set.of();

    private record Ended(Path name, long changedMillis) {}

    /**
     * @param workers where each worker of a node has its folder
     */
    public EndedFolders(Path workers, Retention retention) {
        this.workers = workers;
        this.retention = retention;
    }

    static String name(WorkerKey key) {
        return key.getJobId() + "-" + key.getGang() + "-" + key.getAttempt() + "-" + key.getWorker();
    }

    /**
     * Looks once. Not on the loop: there may be much to remove.
     *
     * @param needed of so many workers those that run or whose end is not acknowledged
     * @return how many folders were removed
     */
    public int remove(Function<Set<WorkerKey>, Set<WorkerKey>> needed, long nowUnixMillis) {
        int removed = 0;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(workers)) {
            if (!(stream instanceof SecureDirectoryStream<Path> folder)) {
                return 0;
            }
            List<Ended> ended = ended(folder, needed);
            ended.sort(Comparator.comparingLong(Ended::changedMillis).reversed());
            Set<Path> stuck = new HashSet<>();
            for (int at = 0; at < ended.size(); at++) {
                Ended one = ended.get(at);
                boolean old = nowUnixMillis - one.changedMillis > retention.millis();
                if (old || at >= retention.folders()) {
                    removed += remove(folder, one.name, stuck);
                }
            }
            left = stuck;
        } catch (NoSuchFileException e) {
            // Nothing was run here yet.
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.WARNING, "folders of ended workers in " + workers + " can't be looked through", e);
        }
        return removed;
    }

    private List<Ended> ended(SecureDirectoryStream<Path> folder, Function<Set<WorkerKey>, Set<WorkerKey>> needed)
            throws IOException {
        List<Ended> all = new ArrayList<>();
        for (Path entry : folder) {
            Path name = entry.getFileName();
            Optional<BasicFileAttributes> found = attributes(folder, name);
            if (key(name).isPresent() && found.isPresent() && found.get().isDirectory()) {
                all.add(new Ended(name, found.get().lastModifiedTime().toMillis()));
            }
        }
        Set<WorkerKey> keys = new HashSet<>();
        all.forEach(one -> key(one.name).ifPresent(keys::add));
        Set<WorkerKey> still = needed.apply(keys);
        all.removeIf(one -> still.contains(key(one.name).orElseThrow()) || lives(one.name));
        return all;
    }

    /** Whether its process is there though nobody knows of it, such as after the journal was lost. */
    private boolean lives(Path name) {
        Path exit = workers.resolve(name).resolve("exit").toAbsolutePath();
        try {
            ProcessRecord record = ProcessRecord.read(exit);
            return record != null && record.living(exit, table, environments) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /** How many were removed: one or none. */
    private int remove(SecureDirectoryStream<Path> folder, Path name, Set<Path> stuck) {
        try {
            empty(folder, name, MOST_DEPTH);
            folder.deleteDirectory(name);
            return 1;
        } catch (IOException | DirectoryIteratorException e) {
            stuck.add(name);
            if (!left.contains(name)) {
                LOG.log(Level.WARNING, "{0} of an ended worker can''t be removed: {1}", workers.resolve(name), e);
            }
            return 0;
        }
    }

    private static void empty(SecureDirectoryStream<Path> in, Path name, int depth) throws IOException {
        if (depth == 0) {
            throw new IOException("folders in it are deeper than " + MOST_DEPTH + ". Maybe remove it by hand?");
        }
        try (SecureDirectoryStream<Path> folder = in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : folder) {
                Path inside = entry.getFileName();
                if (attributes(folder, inside)
                        .filter(BasicFileAttributes::isDirectory)
                        .isPresent()) {
                    empty(folder, inside, depth - 1);
                    folder.deleteDirectory(inside);
                } else {
                    folder.deleteFile(inside);
                }
            }
        }
    }

    /** Of the entry itself, not of what a link leads to; empty if it is gone meanwhile. */
    private static Optional<BasicFileAttributes> attributes(SecureDirectoryStream<Path> folder, Path name)
            throws IOException {
        try {
            return Optional.of(
                    folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                            .readAttributes());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Optional<WorkerKey> key(Path name) {
        Matcher words = NAME.matcher(name.toString());
        return words.matches()
                ? Optional.of(WorkerKey.newBuilder()
                        .setJobId(Long.parseLong(words.group(1)))
                        .setGang(Integer.parseInt(words.group(2)))
                        .setAttempt(Integer.parseInt(words.group(3)))
                        .setWorker(Integer.parseInt(words.group(4)))
                        .build())
                : Optional.empty();
    }
}
