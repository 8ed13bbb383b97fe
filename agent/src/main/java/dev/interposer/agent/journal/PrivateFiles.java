package dev.interposer.agent.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Folders and files that their owner alone may read: an assignment holds a job's whole environment. */
final class PrivateFiles {
    private static final Set<PosixFilePermission> OTHERS_READ_AND_WRITE = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PrivateFiles() {}

    /**
     * Makes the folder of a file if it is absent, and lets nobody else list it or write to it. Who may pass through to
     * what lies deeper may do so still: workers of another user run there.
     */
    static void folderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        if (Files.notExists(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            return;
        }
        Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(folder));
        permissions.removeAll(OTHERS_READ_AND_WRITE);
        Files.setPosixFilePermissions(folder, permissions);
    }

    /** For writing, empty whether it was there or not. */
    static FileChannel begin(Path file) throws IOException {
        FileChannel channel = open(file);
        channel.truncate(0);
        return channel;
    }

    /** Lets a file take another's place; both names are as on disk on return. */
    static void replace(Path next, Path file) throws IOException {
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** For reading and writing; made if it is absent, and closed to others if it was open. */
    static FileChannel open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return channel;
    }
}
