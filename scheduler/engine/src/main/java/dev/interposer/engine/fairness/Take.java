package dev.interposer.engine.fairness;

/**
 * What a start takes, or a running gang has.
 *
 * @param queue the queue that it counts to, and to all above that
 * @param userName the user that it counts to
 * @param chipClass class of the devices, in the fleet's numbers; −1 for none
 * @param milli devices, in thousandths
 */
public record Take(QueueNode queue, String userName, int chipClass, long milli) {}
