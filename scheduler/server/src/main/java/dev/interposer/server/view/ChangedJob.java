package dev.interposer.server.view;

import com.google.protobuf.ByteString;

/**
 * A change of a job, as all who watch get it: made and encoded once.
 *
 * @param event a {@code job.v1.WatchEvent}
 */
public record ChangedJob(long revision, String namespace, String name, ByteString event) {}
