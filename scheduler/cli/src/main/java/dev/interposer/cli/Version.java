package dev.interposer.cli;

import picocli.CommandLine.IVersionProvider;

/** What the build wrote into the jar: the same as server and agent say. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"interposer " + (version == null ? "development" : version)};
    }
}
