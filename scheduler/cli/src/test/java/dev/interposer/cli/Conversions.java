package dev.interposer.cli;

import dev.interposer.proto.fleet.v1.ClassThroughput;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.FamilyThroughput;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.fleet.v1.RatioInterval;
import dev.interposer.proto.fleet.v1.ThroughputRatio;

/** What a server with two measured classes says of conversion. */
final class Conversions {
    private Conversions() {}

    static Conversion answer(GetConversionRequest request) {
        if (request.getWorkloadFamily().equals("unknown")) {
            return Conversion.newBuilder()
                    .setAdvice("nothing is measured of family unknown")
                    .build();
        }
        ClassThroughput.Builder fast = ClassThroughput.newBuilder()
                .setClassName("h100")
                .setAttempts(12)
                .setJobs(5)
                .setMedianMicro(412_345_678)
                .setFirstQuartileMicro(398_100_000)
                .setThirdQuartileMicro(420_900_000)
                .setLeastChips(8)
                .setMostChips(64)
                .setDeviceSeconds(7_200)
                .setRatio(ratio(1_000_000, 1000));
        ClassThroughput.Builder slow = ClassThroughput.newBuilder()
                .setClassName("a1")
                .setAttempts(3)
                .setMedianMicro(301_012_345)
                .setFirstQuartileMicro(290_000_000)
                .setThirdQuartileMicro(310_000_000)
                .setRatio(ratio(730_000, 730)
                        .setInterval(RatioInterval.newBuilder()
                                .setFromMicro(690_000)
                                .setToMicro(781_234)
                                .setHoldsMilliPercent(73_438)));
        ClassThroughput.Builder few = ClassThroughput.newBuilder()
                .setClassName("tpu")
                .setAttempts(2)
                .setMedianMicro(12_345_678_900L)
                .setLeastMicro(12_000_000_000L)
                .setMostMicro(12_691_357_800L)
                .setRatio(ratio(29_940_000, 29_940));
        ClassThroughput.Builder samples =
                ClassThroughput.newBuilder().setClassName("h100").setAttempts(1).setMedianMicro(12_340);
        ClassThroughput.Builder liar =
                ClassThroughput.newBuilder().setClassName("a1").setLeftOutAttempts(2);
        return Conversion.newBuilder()
                .addFamilies(FamilyThroughput.newBuilder()
                        .setWorkloadFamily("sft")
                        .setUnit("tokens")
                        .setReferenceClass("h100")
                        .addClasses(few)
                        .addClasses(fast)
                        .addClasses(slow))
                .addFamilies(FamilyThroughput.newBuilder()
                        .setWorkloadFamily("vision")
                        .setUnit("samples")
                        .addClasses(samples)
                        .addClasses(liar)
                        .setAdvice("vision is not measured in samples on a1: run it there"))
                .build();
    }

    private static ThroughputRatio.Builder ratio(long micro, long chips) {
        return ThroughputRatio.newBuilder().setRatioMicro(micro).setReferenceChips(chips);
    }
}
