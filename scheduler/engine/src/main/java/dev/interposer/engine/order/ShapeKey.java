package dev.interposer.engine.order;

/**
 * What makes two waiting gangs alike.
 *
 * @param lane of the queue
 * @param priority the band
 * @param need number of what they ask of the fleet
 * @param userName who submitted them, where users are bounded; else empty
 * @param startedProfile place, from 1, of the profile that they are bound to; 0 for none
 * @param jobId the job, where its gangs depend on each other; else 0
 */
record ShapeKey(Lane lane, int priority, int need, String userName, int startedProfile, long jobId) {}
