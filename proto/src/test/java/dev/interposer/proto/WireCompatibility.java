package dev.interposer.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a peer of an earlier release would stumble over: a field, value or method that is gone, or is another one now.
 *
 * <p>A field may go only when its number and its name are reserved. What is new is never a break.
 */
final class WireCompatibility {
    private final List<String> breaks = new ArrayList<>();

    private WireCompatibility() {}

    static List<String> breaks(FileDescriptorSet released, FileDescriptorSet present) {
        WireCompatibility comparison = new WireCompatibility();
        for (FileDescriptorProto file : released.getFileList()) {
            comparison.compare(file, present);
        }
        return comparison.breaks;
    }

    private void compare(FileDescriptorProto released, FileDescriptorSet presentSet) {
        find(presentSet.getFileList(), FileDescriptorProto::getName, released.getName(), "file", "")
                .ifPresent(present -> {
                    String scope = released.getPackage();
                    messages(released.getMessageTypeList(), present.getMessageTypeList(), scope);
                    enums(released.getEnumTypeList(), present.getEnumTypeList(), scope);
                    for (ServiceDescriptorProto service : released.getServiceList()) {
                        find(
                                        present.getServiceList(),
                                        ServiceDescriptorProto::getName,
                                        service.getName(),
                                        "service",
                                        scope)
                                .ifPresent(other -> methods(service, other));
                    }
                });
    }

    private void messages(List<DescriptorProto> released, List<DescriptorProto> present, String scope) {
        for (DescriptorProto message : released) {
            find(present, DescriptorProto::getName, message.getName(), "message", scope)
                    .ifPresent(other -> {
                        String name = scope + "." + message.getName();
                        fields(message, other, name);
                        messages(message.getNestedTypeList(), other.getNestedTypeList(), name);
                        enums(message.getEnumTypeList(), other.getEnumTypeList(), name);
                    });
        }
    }

    private void fields(DescriptorProto released, DescriptorProto present, String scope) {
        for (FieldDescriptorProto field : released.getFieldList()) {
            Optional<FieldDescriptorProto> same = present.getFieldList().stream()
                    .filter(candidate -> candidate.getNumber() == field.getNumber())
                    .findFirst();
            String name = scope + "." + field.getName() + " = " + field.getNumber();
            if (same.isEmpty()) {
                boolean number = present.getReservedRangeList().stream()
                        .anyMatch(range -> field.getNumber() >= range.getStart() && field.getNumber() < range.getEnd());
                if (!number || !present.getReservedNameList().contains(field.getName())) {
                    breaks.add("field " + name + " is gone and its number and name are not reserved");
                }
            } else if (!shape(released, field).equals(shape(present, same.get()))) {
                breaks.add(
                        "field " + name + " was " + shape(released, field) + " and is " + shape(present, same.get()));
            }
        }
    }

    /** Name, type, label and oneof of a field; the name because JSON and people use it. */
    private static String shape(DescriptorProto owner, FieldDescriptorProto field) {
        String oneof = field.hasOneofIndex() && !field.getProto3Optional()
                ? " in oneof " + owner.getOneofDecl(field.getOneofIndex()).getName()
                : "";
        String optional = field.getProto3Optional() ? " optional" : "";
        return field.getName() + " " + field.getLabel() + optional + " " + field.getType() + field.getTypeName()
                + oneof;
    }

    private void enums(List<EnumDescriptorProto> released, List<EnumDescriptorProto> present, String scope) {
        for (EnumDescriptorProto type : released) {
            find(present, EnumDescriptorProto::getName, type.getName(), "enum", scope)
                    .ifPresent(other -> {
                        for (EnumValueDescriptorProto value : type.getValueList()) {
                            boolean kept = other.getValueList().stream()
                                    .anyMatch(candidate -> candidate.getName().equals(value.getName())
                                            && candidate.getNumber() == value.getNumber());
                            if (!kept) {
                                breaks.add("value " + scope + "." + value.getName() + " = " + value.getNumber()
                                        + " is gone");
                            }
                        }
                    });
        }
    }

    private void methods(ServiceDescriptorProto released, ServiceDescriptorProto present) {
        for (MethodDescriptorProto method : released.getMethodList()) {
            boolean kept = present.getMethodList().stream()
                    .anyMatch(candidate -> candidate.getName().equals(method.getName())
                            && candidate.getInputType().equals(method.getInputType())
                            && candidate.getOutputType().equals(method.getOutputType())
                            && candidate.getClientStreaming() == method.getClientStreaming()
                            && candidate.getServerStreaming() == method.getServerStreaming());
            if (!kept) {
                breaks.add("method " + released.getName() + "." + method.getName() + " is gone or another");
            }
        }
    }

    private <T> Optional<T> find(List<T> among, Function<T, String> naming, String name, String kind, String scope) {
        Optional<T> found = among.stream()
                .filter(candidate -> naming.apply(candidate).equals(name))
                .findFirst();
        if (found.isEmpty()) {
            breaks.add(kind + " " + scope + "." + name + " is gone");
        }
        return found;
    }
}
