package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;

/** What gives the pods of one attempt their names in DNS, before they are ready: it is how they become so. */
final class GangService {
    private GangService() {}

    /**
     * The Service; it goes when its owner goes.
     *
     * @param order of any worker of the attempt
     * @param owner name of a pod of the attempt
     * @param ownerUid its uid
     */
    static Service of(Order.Assign order, String owner, String ownerUid) {
        Map<String, String> labels = PodLabels.gang(order);
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(PodNames.service(order.jobName(), order.key()))
                .withNamespace(order.namespace())
                .withLabels(labels)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(owner)
                .withUid(ownerUid)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(labels)
                .endSpec()
                .build();
    }
}
