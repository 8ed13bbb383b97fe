package dev.interposer.market;

import dev.interposer.engine.model.Tier;

/** A supplier at one tier, as somebody who may be lost. */
public record Party(Tier tier, String supplierName) {
    /** What its loss does. */
    public enum Effect {
        /** Chips stop: their support, licences or contract end. */
        STOPS_CHIPS,
        /** Chips run on; deliveries and spares stop, so that the coverage shown is where the fleet ends up. */
        STOPS_DELIVERIES
    }

    public Effect effect() {
        return switch (tier) {
            case DESIGNER, SELLER -> Effect.STOPS_CHIPS;
            case FOUNDRY, MEMORY, PACKAGING -> Effect.STOPS_DELIVERIES;
        };
    }
}
