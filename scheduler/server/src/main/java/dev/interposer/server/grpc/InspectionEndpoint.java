package dev.interposer.server.grpc;

import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.event.Entry;
import dev.interposer.ledger.check.Finding;
import dev.interposer.ledger.check.HistoryRebuild;
import dev.interposer.ledger.check.LedgerCheck;
import dev.interposer.ledger.check.Report;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.ledger.jdbc.RawLedger;
import dev.interposer.ledger.jdbc.RawLedger.RawSnapshot;
import dev.interposer.proto.fleet.v1.CheckFinding;
import dev.interposer.proto.fleet.v1.CheckRequest;
import dev.interposer.proto.fleet.v1.CheckResponse;
import dev.interposer.proto.fleet.v1.DumpEnd;
import dev.interposer.proto.fleet.v1.DumpHead;
import dev.interposer.proto.fleet.v1.DumpPart;
import dev.interposer.proto.fleet.v1.DumpRequest;
import dev.interposer.proto.fleet.v1.InspectionServiceGrpc;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.view.LiveSnapshot;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A look at the ledger and at the agents, on connections of its own; nothing that decides waits for it. */
@Singleton
public final class InspectionEndpoint extends InspectionServiceGrpc.InspectionServiceImplBase {
    private static final int CHUNK_ENTRIES = 500;

    private final LedgerAccess access;
    private final LiveView view;
    private final AgentHub hub;

    /** The live state in short. */
    private record Live(long revision, String digest) {}

    public InspectionEndpoint(LedgerAccess access, LiveView view, AgentHub hub) {
        this.access = access;
        this.view = view;
        this.hub = hub;
    }

    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> out) {
        Calls.answer(out, () -> check(request.getRebuildHistory()));
    }

    private CheckResponse check(boolean rebuildHistory) {
        try {
            if (rebuildHistory) {
                new HistoryRebuild(access.database()).run();
            }
            Live live = live();
            Report report = new LedgerCheck(access.database())
                    .against(live.revision(), live.digest())
                    .run();
            WorkerComparison agents = new WorkerComparison(view, hub);
            List<Finding> findings = new ArrayList<>(report.findings());
            findings.addAll(agents.run());
            CheckResponse.Builder response = CheckResponse.newBuilder()
                    .setPages(report.pages())
                    .setSnapshots(report.snapshots())
                    .setNodes(agents.nodes())
                    .setRevision(live.revision())
                    .setDigest(report.digest());
            findings.forEach(finding -> response.addFindings(CheckFinding.newBuilder()
                    .setKind(finding.kind().name())
                    .setRevision(finding.revision())
                    .setMessage(finding.words())));
            return response.build();
        } catch (LedgerException e) {
            throw Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException();
        }
    }

    private Live live() {
        try (LiveSnapshot snapshot = view.snapshot()) {
            return new Live(snapshot.revision(), access.digests().of(snapshot));
        }
    }

    @Override
    public void dump(DumpRequest request, StreamObserver<DumpPart> out) {
        ServerCallStreamObserver<DumpPart> parts = (ServerCallStreamObserver<DumpPart>) out;
        try {
            dump(parts);
            parts.onCompleted();
        } catch (LedgerException e) {
            parts.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
        }
    }

    private void dump(ServerCallStreamObserver<DumpPart> out) {
        PageCodec codec = new PageCodec(access.events());
        RawLedger ledger = new RawLedger(access.database(), codec);
        RawSnapshot snapshot = newest(ledger);
        Live live = live();
        long from = snapshot == null ? 0 : snapshot.revision();
        send(
                out,
                DumpPart.newBuilder()
                        .setHead(DumpHead.newBuilder()
                                .setEngineVersion(access.engineVersion())
                                .setFormat(PageCodec.FORMAT)
                                .setSnapshotRevision(from)));
        List<Entry> entries = snapshot == null ? List.of() : snapshot.entries();
        for (int at = 0; at < entries.size(); at += CHUNK_ENTRIES) {
            List<Entry> chunk = entries.subList(at, Math.min(entries.size(), at + CHUNK_ENTRIES));
            send(
                    out,
                    DumpPart.newBuilder()
                            .setSnapshotChunk(com.google.protobuf.ByteString.copyFrom(codec.encodeChunk(chunk))));
        }
        ledger.pages(from + 1, page -> {
            if (page.firstRevision() > live.revision()) {
                return false;
            }
            return send(out, DumpPart.newBuilder().setPage(com.google.protobuf.ByteString.copyFrom(page.frame())));
        });
        send(
                out,
                DumpPart.newBuilder()
                        .setEnd(DumpEnd.newBuilder()
                                .setRevision(live.revision())
                                .setDigest(live.digest())));
    }

    private static @Nullable RawSnapshot newest(RawLedger ledger) {
        List<RawSnapshot> good = new ArrayList<>();
        ledger.snapshots(snapshot -> {
            if (snapshot.good()) {
                good.add(snapshot);
            }
        });
        return good.isEmpty() ? null : good.getLast();
    }

    /** Waits until the client takes more; false when it is gone. */
    private static boolean send(ServerCallStreamObserver<DumpPart> out, DumpPart.Builder part) {
        while (!out.isReady() && !out.isCancelled()) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        if (!out.isCancelled()) {
            out.onNext(part.build());
        }
        return !out.isCancelled();
    }
}
