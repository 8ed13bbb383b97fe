package dev.interposer.server.view;

import dev.interposer.market.ClassSupply;
import dev.interposer.market.Concentration;
import dev.interposer.market.CoverageReport;
import dev.interposer.market.InferenceStatus;
import dev.interposer.market.PartyCoverage;
import dev.interposer.market.PolicyStatus;
import dev.interposer.market.RuleStatus;
import dev.interposer.market.SupplyReport;
import dev.interposer.market.TierShares;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.InferenceState;
import dev.interposer.proto.fleet.v1.PolicyState;
import dev.interposer.proto.fleet.v1.QueueWork;
import dev.interposer.proto.fleet.v1.RuleState;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.fleet.v1.SupplyConcentration;
import dev.interposer.proto.fleet.v1.SupplyShare;
import dev.interposer.proto.fleet.v1.SupplyTier;

/** Measures of supply as messages. */
public final class MeasureViews {
    private static final long MILLI = 1000;

    private MeasureViews() {}

    public static Supply supply(SupplyReport report) {
        Supply.Builder view = Supply.newBuilder()
                .setRevision(report.revision())
                .setAtMicros(report.atMicros())
                .setHorizonSeconds(report.horizonSeconds());
        report.classes().forEach(chipClass -> view.addClasses(chipClass(chipClass)));
        report.tiers().forEach(tier -> view.addTiers(tier(tier)));
        report.policies().forEach(policy -> view.addPolicies(policy(policy)));
        report.queues()
                .forEach(queue -> view.addQueues(QueueWork.newBuilder()
                        .setQueueName(queue.queueName())
                        .setPinnedRunningDeviceSeconds(queue.pinnedRunning() / MILLI)
                        .setPinnedWaitingDeviceSeconds(queue.pinnedWaiting() / MILLI)
                        .setPortableRunningDeviceSeconds(queue.portableRunning() / MILLI)
                        .setPortableWaitingDeviceSeconds(queue.portableWaiting() / MILLI)));
        return view.build();
    }

    public static Coverage coverage(CoverageReport report) {
        Coverage.Builder view = Coverage.newBuilder()
                .setRevision(report.revision())
                .setAtMicros(report.atMicros())
                .setRunningWeight(report.runningWeight())
                .setGuaranteeWeight(report.guaranteeWeight());
        for (PartyCoverage party : report.parties()) {
            view.addParties(dev.interposer.proto.fleet.v1.PartyCoverage.newBuilder()
                    .setTier(Names.camel(party.party().tier()))
                    .setSupplierName(party.party().supplierName())
                    .setEffect(Names.camel(party.party().effect()))
                    .setLostDevices(party.lostDevices())
                    .setHitGangs(party.hitGangs())
                    .setStillMilliPercent(party.stillMilliPercent())
                    .setReplanMilliPercent(party.replanMilliPercent())
                    .addAllLostJobs(party.lostJobs()));
        }
        return view.build();
    }

    private static dev.interposer.proto.fleet.v1.ClassSupply chipClass(ClassSupply supply) {
        var view = dev.interposer.proto.fleet.v1.ClassSupply.newBuilder()
                .setClassName(supply.className())
                .setReferenceMilli(supply.referenceMilli())
                .setInstalledMilli(supply.count().installedMilli())
                .setHealthyMilli(supply.count().healthyMilli())
                .setAllocatedMilli(supply.count().allocatedMilli())
                .setForeignMilli(supply.count().foreignMilli())
                .setObservedMilli(supply.count().observedMilli())
                .setSupplierName(supply.supplierName())
                .setPinnedDeviceSeconds(supply.pinnedDemand() / MILLI)
                .setFlexibleDeviceSeconds(supply.flexibleDemand() / MILLI)
                .setSupplyDeviceSeconds(supply.supply() / MILLI);
        supply.scarcityMilli().ifPresent(view::setScarcityMilli);
        return view.build();
    }

    private static SupplyTier tier(TierShares tier) {
        SupplyTier.Builder view = SupplyTier.newBuilder()
                .setTier(Names.camel(tier.tier()))
                .setMeasure(Names.camel(tier.measure()))
                .setReferenceMilli(tier.units() / TierShares.UNITS_OF_MILLI)
                .setUnknownMilliPercent(tier.unknownMilliPercent())
                .setLeast(concentration(tier.least()))
                .setMost(concentration(tier.most()));
        tier.suppliers()
                .forEach(share -> view.addSuppliers(SupplyShare.newBuilder()
                        .setSupplierName(share.supplierName())
                        .setReferenceMilli(share.units() / TierShares.UNITS_OF_MILLI)
                        .setLeastMilliPercent(share.leastMilliPercent())
                        .setMostMilliPercent(share.mostMilliPercent())));
        return view.build();
    }

    private static SupplyConcentration concentration(Concentration concentration) {
        return SupplyConcentration.newBuilder()
                .setHhi(concentration.hhi())
                .setEffectiveMilli(concentration.effectiveMilli())
                .setLargestMilliPercent(concentration.largestMilliPercent())
                .build();
    }

    private static PolicyState policy(PolicyStatus policy) {
        PolicyState.Builder view =
                PolicyState.newBuilder().setName(policy.policyName()).setMet(policy.met());
        for (RuleStatus rule : policy.rules()) {
            view.addRules(RuleState.newBuilder()
                    .setRule(SupplyViews.rule(rule.rule()))
                    .setShareMilliPercent(rule.shareMilliPercent())
                    .setMostShareMilliPercent(rule.mostShareMilliPercent())
                    .setInstalledMilliPercent(rule.installedMilliPercent())
                    .setPinnedMilliPercent(rule.pinnedMilliPercent())
                    .setMet(rule.met())
                    .setCause(Names.camel(rule.cause()))
                    .setStrandedReferenceMilli(rule.strandedUnits() / TierShares.UNITS_OF_MILLI));
        }
        InferenceStatus inference = policy.inference();
        return inference == null
                ? view.build()
                : view.setInference(inference(inference)).build();
    }

    private static InferenceState inference(InferenceStatus status) {
        return InferenceState.newBuilder()
                .setTier(Names.camel(status.wanted().tier()))
                .setMinSuppliers(status.wanted().minSuppliers())
                .setMinLossCoveragePercent(status.wanted().minLossCoveragePercent())
                .setInstalledSuppliers(status.installedSuppliers())
                .setJobs(status.jobs())
                .setShortJobs(status.shortJobs())
                .setBlockedJobs(status.blockedJobs())
                .addAllBlockedJobNames(status.blockedNames())
                .setMet(status.met())
                .setCause(Names.camel(status.cause()))
                .build();
    }
}
