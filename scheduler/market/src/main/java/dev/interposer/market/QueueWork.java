package dev.interposer.market;

/**
 * Work of one queue, in thousandths of chips × seconds. Pinned: every installed class that it admits is of one
 * designer. Work that could stand on several classes counts for the largest number of chips that it may take.
 */
public record QueueWork(
        String queueName, long pinnedRunning, long pinnedWaiting, long portableRunning, long portableWaiting) {
    /** Both together, under this one's name. */
    public QueueWork plus(QueueWork other) {
        return new QueueWork(
                queueName,
                pinnedRunning + other.pinnedRunning,
                pinnedWaiting + other.pinnedWaiting,
                portableRunning + other.portableRunning,
                portableWaiting + other.portableWaiting);
    }
}
