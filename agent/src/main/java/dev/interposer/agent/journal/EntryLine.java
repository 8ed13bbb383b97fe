package dev.interposer.agent.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.agent.reconcile.JournalEntry;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;

/**
 * An entry as a line of the journal, fields separated by a space:
 *
 * <pre>
 * BEGUN  job gang attempt worker crc
 * START  job gang attempt worker epoch devices assignment crc
 * STOP   job gang attempt worker killAtMillis crc
 * END    job gang attempt worker cause exitCode status crc
 * ACK    job gang attempt worker crc
 * SEEN   epoch incarnation revision crc
 * </pre>
 *
 * {@code devices} are names separated by commas, {@code -} for none; {@code assignment} and {@code status} are the
 * messages of agent.v1 in Base64; {@code crc} is the CRC-32 of the line before it, in hexadecimal.
 */
final class EntryLine {
    private EntryLine() {}

    /** With its CRC, without an end of line. */
    static String of(JournalEntry entry) {
        String body = body(entry);
        return body + " " + crc(body);
    }

    /** Of a line with its CRC. */
    static JournalEntry parse(String line) throws DamagedLineException {
        int end = line.lastIndexOf(' ');
        if (end < 0 || !crc(line.substring(0, end)).equals(line.substring(end + 1))) {
            throw new DamagedLineException("its checksum does not fit");
        }
        List<String> words = List.of(line.substring(0, end).split(" ", -1));
        try {
            return switch (words.getFirst()) {
                case "BEGUN" -> new JournalEntry.Begun(key(words));
                case "START" ->
                    new JournalEntry.Starting(
                            WorkerAssignment.parseFrom(Base64.getDecoder().decode(words.get(7))),
                            Long.parseLong(words.get(5)));
                case "STOP" -> new JournalEntry.Stopping(key(words), Long.parseLong(words.get(5)));
                case "END" ->
                    new JournalEntry.Ended(
                            WorkerStatus.parseFrom(Base64.getDecoder().decode(words.get(7))));
                case "ACK" -> new JournalEntry.Acknowledged(key(words));
                case "SEEN" ->
                    new JournalEntry.Seen(
                            Long.parseLong(words.get(1)), Long.parseLong(words.get(2)), Long.parseLong(words.get(3)));
                default -> throw new DamagedLineException("entries of kind " + words.getFirst() + " are not known");
            };
        } catch (InvalidProtocolBufferException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new DamagedLineException("it is no entry of kind " + words.getFirst());
        }
    }

    private static String body(JournalEntry entry) {
        return switch (entry) {
            case JournalEntry.Begun begun -> "BEGUN " + key(begun.key());
            case JournalEntry.Starting starting -> {
                WorkerAssignment assignment = starting.assignment();
                String devices = String.join(",", assignment.getDeviceNamesList());
                yield "START " + key(assignment.getKey()) + " " + starting.epoch() + " "
                        + (devices.isEmpty() ? "-" : devices.replace(' ', '_')) + " "
                        + base64(assignment.toByteArray());
            }
            case JournalEntry.Stopping stopping -> "STOP " + key(stopping.key()) + " " + stopping.killAtMillis();
            case JournalEntry.Ended ended ->
                "END " + key(ended.status().getKey()) + " " + ended.status().getCause() + " "
                        + ended.status().getExitCode() + " "
                        + base64(ended.status().toByteArray());
            case JournalEntry.Acknowledged acknowledged -> "ACK " + key(acknowledged.key());
            case JournalEntry.Seen seen -> "SEEN " + seen.epoch() + " " + seen.incarnation() + " " + seen.revision();
        };
    }

    private static String key(WorkerKey key) {
        return key.getJobId() + " " + key.getGang() + " " + key.getAttempt() + " " + key.getWorker();
    }

    private static WorkerKey key(List<String> words) {
        return WorkerKey.newBuilder()
                .setJobId(Long.parseLong(words.get(1)))
                .setGang(Integer.parseInt(words.get(2)))
                .setAttempt(Integer.parseInt(words.get(3)))
                .setWorker(Integer.parseInt(words.get(4)))
                .build();
    }

    private static String base64(byte[] bytes) {
        return bytes.length == 0 ? "=" : Base64.getEncoder().encodeToString(bytes);
    }

    private static String crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
