package dev.interposer.server.grpc;

import dev.interposer.server.conversion.ConversionReader;
import dev.interposer.server.history.HistoryReader;
import jakarta.inject.Singleton;

/** What is written down beside the ledger, for people. */
@Singleton
public final class Records {
    private final HistoryReader history;
    private final ConversionReader conversion;

    public Records(HistoryReader history, ConversionReader conversion) {
        this.history = history;
        this.conversion = conversion;
    }

    HistoryReader history() {
        return history;
    }

    ConversionReader conversion() {
        return conversion;
    }
}
