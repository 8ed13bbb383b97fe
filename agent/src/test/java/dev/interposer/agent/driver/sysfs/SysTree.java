package dev.interposer.agent.driver.sysfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A sysfs and a dev of files, to be laid out as kernels do. */
public final class SysTree {
    private final Path folder;

    public SysTree(Path folder) {
        this.folder = folder;
    }

    public Path sys() {
        return folder.resolve("sys");
    }

    public Path dev() {
        return folder.resolve("dev");
    }

    /** Writes a value, with the end of line that kernels put behind it. */
    public SysTree file(String path, String text) {
        try {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SysTree link(String path, String target) {
        try {
            Path link = folder.resolve(path);
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, folder.resolve(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a file, or a folder with all that it holds. */
    public SysTree remove(String path) {
        try (Stream<Path> all = Files.walk(folder.resolve(path))) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
