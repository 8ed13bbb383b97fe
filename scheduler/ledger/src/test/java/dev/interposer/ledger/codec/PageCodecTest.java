package dev.interposer.ledger.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.proto.ledger.v1.StoredPage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageCodecTest {
    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyKindOfEventSurvives(long seed) {
        Page page = randomPage(seed, 7);
        assertThat(codec.decode(PageCodec.FORMAT, codec.encode(page)))
                .as("seed " + seed)
                .isEqualTo(page);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void protobufItselfReadsAndWritesTheSameBytes(long seed) throws Exception {
        byte[] frame = codec.encode(randomPage(seed, 3));
        StoredPage parsed = StoredPage.parseFrom(frame);
        assertThat(parsed.getUnknownFields().asMap()).isEmpty();
        assertThat(codec.decode(PageCodec.FORMAT, parsed.toByteArray()))
                .isEqualTo(codec.decode(PageCodec.FORMAT, frame));
    }

    @Test
    void equalSpecsGiveEqualDigestsAndOthersDoNot() {
        JobSpec one = (JobSpec) new RandomRecords(new SplittableRandom(5)).make(JobSpec.class);
        JobSpec same = (JobSpec) new RandomRecords(new SplittableRandom(5)).make(JobSpec.class);
        JobSpec other = (JobSpec) new RandomRecords(new SplittableRandom(6)).make(JobSpec.class);
        Digests digests = new Digests(events);
        assertThat(digests.sha256(one)).isEqualTo(digests.sha256(same)).isNotEqualTo(digests.sha256(other));
    }

    @Test
    void aKindOfALaterVersionIsUnreadable() {
        byte[] frame = codec.encode(new Page(1, 1, 1, List.of(entry(1, 1, new FleetEvent.NodeLost(5)))));
        // Field 31, node_lost, as field 95: a kind that this version does not have.
        byte[] later = frame.clone();
        for (int at = 0; at + 1 < later.length; at++) {
            if (later[at] == (byte) 0xFA && later[at + 1] == 0x01) {
                later[at + 1] = 0x05;
            }
        }
        assertThat(later).isNotEqualTo(frame);
        assertUnreadable(PageCodec.FORMAT, later);
    }

    @Test
    void aFormatOfALaterVersionIsUnreadable() {
        byte[] frame = codec.encode(new Page(1, 1, 1, List.of(entry(1, 1, new FleetEvent.NodeLost(5)))));
        assertUnreadable(PageCodec.FORMAT + 1, frame);
    }

    @Test
    void aFrameCutShortIsUnreadable() {
        byte[] frame = codec.encode(randomPage(3, 3));
        assertUnreadable(PageCodec.FORMAT, Arrays.copyOf(frame, frame.length - 3));
    }

    private void assertUnreadable(int format, byte[] frame) {
        assertThatThrownBy(() -> codec.decode(format, frame))
                .isInstanceOfSatisfying(
                        LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREADABLE));
    }

    private static Page randomPage(long seed, int rounds) {
        RandomRecords random = new RandomRecords(new SplittableRandom(seed));
        List<Entry> entries = new ArrayList<>();
        long at = 1_700_000_000_000_000L + seed;
        for (int round = 0; round < rounds; round++) {
            for (Class<?> kind : RandomRecords.kindsOfEvent()) {
                entries.add(entry(100 + entries.size(), at, (Event) random.make(kind)));
            }
        }
        return new Page(100, 4, at, entries);
    }

    private static Entry entry(long revision, long at, Event event) {
        Actor actor = revision % 3 == 0 ? Actor.SCHEDULER : Actor.user("ann" + revision % 2, "grpc");
        return new Entry(revision, at, actor, event);
    }
}
