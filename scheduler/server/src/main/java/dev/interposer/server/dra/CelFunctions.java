package dev.interposer.server.dra;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.List;

/** What Kubernetes adds to CEL for amounts and versions. */
final class CelFunctions {
    static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    static final CelType SEMVER = OpaqueType.create("kubernetes.Semver");

    private CelFunctions() {}

    static List<CelFunctionDecl> declarations() {
        return List.of(
                function("quantity", global("string_to_quantity", QUANTITY, SimpleType.STRING)),
                function("isQuantity", global("is_quantity", SimpleType.BOOL, SimpleType.STRING)),
                function("sign", global("quantity_sign", SimpleType.INT, QUANTITY)),
                function("isInteger", member("quantity_is_integer", SimpleType.BOOL, QUANTITY)),
                function("asInteger", member("quantity_as_integer", SimpleType.INT, QUANTITY)),
                function("asApproximateFloat", member("quantity_as_float", SimpleType.DOUBLE, QUANTITY)),
                function(
                        "add",
                        member("quantity_add", QUANTITY, QUANTITY, QUANTITY),
                        member("quantity_add_int", QUANTITY, QUANTITY, SimpleType.INT)),
                function(
                        "sub",
                        member("quantity_sub", QUANTITY, QUANTITY, QUANTITY),
                        member("quantity_sub_int", QUANTITY, QUANTITY, SimpleType.INT)),
                function(
                        "semver",
                        global("string_to_semver", SEMVER, SimpleType.STRING),
                        global("string_bool_to_semver", SEMVER, SimpleType.STRING, SimpleType.BOOL)),
                function(
                        "isSemver",
                        global("is_semver", SimpleType.BOOL, SimpleType.STRING),
                        global("is_semver_bool", SimpleType.BOOL, SimpleType.STRING, SimpleType.BOOL)),
                function("major", member("semver_major", SimpleType.INT, SEMVER)),
                function("minor", member("semver_minor", SimpleType.INT, SEMVER)),
                function("patch", member("semver_patch", SimpleType.INT, SEMVER)),
                ofBoth("isGreaterThan", "is_greater_than", SimpleType.BOOL),
                ofBoth("isLessThan", "is_less_than", SimpleType.BOOL),
                ofBoth("compareTo", "compare_to", SimpleType.INT));
    }

    private static CelFunctionDecl function(String name, CelOverloadDecl... overloads) {
        return CelFunctionDecl.newFunctionDeclaration(name, overloads);
    }

    private static CelOverloadDecl global(String id, CelType result, CelType... parameters) {
        return CelOverloadDecl.newGlobalOverload(id, result, parameters);
    }

    private static CelOverloadDecl member(String id, CelType result, CelType... parameters) {
        return CelOverloadDecl.newMemberOverload(id, result, parameters);
    }

    private static CelFunctionDecl ofBoth(String name, String id, CelType result) {
        return function(
                name,
                member("quantity_" + id, result, QUANTITY, QUANTITY),
                member("semver_" + id, result, SEMVER, SEMVER));
    }

    static List<CelFunctionBinding> bindings() {
        return List.of(
                CelFunctionBinding.from("string_to_quantity", String.class, Quantity::parse),
                CelFunctionBinding.from("is_quantity", String.class, Quantity::isOne),
                CelFunctionBinding.from("quantity_sign", Quantity.class, value ->
                        (long) value.amount().signum()),
                CelFunctionBinding.from("quantity_is_integer", Quantity.class, Quantity::isInteger),
                CelFunctionBinding.from("quantity_as_integer", Quantity.class, Quantity::asInteger),
                CelFunctionBinding.from(
                        "quantity_as_float",
                        Quantity.class,
                        value -> value.amount().doubleValue()),
                CelFunctionBinding.from("quantity_add", Quantity.class, Quantity.class, Quantity::plus),
                CelFunctionBinding.from(
                        "quantity_add_int", Quantity.class, Long.class, (one, more) -> one.plus(Quantity.of(more))),
                CelFunctionBinding.from("quantity_sub", Quantity.class, Quantity.class, Quantity::minus),
                CelFunctionBinding.from(
                        "quantity_sub_int", Quantity.class, Long.class, (one, less) -> one.minus(Quantity.of(less))),
                CelFunctionBinding.from(
                        "quantity_is_greater_than", Quantity.class, Quantity.class, (a, b) -> a.compareTo(b) > 0),
                CelFunctionBinding.from(
                        "quantity_is_less_than", Quantity.class, Quantity.class, (a, b) -> a.compareTo(b) < 0),
                CelFunctionBinding.from(
                        "quantity_compare_to", Quantity.class, Quantity.class, (a, b) -> (long) a.compareTo(b)),
                CelFunctionBinding.from("string_to_semver", String.class, Semver::parse),
                CelFunctionBinding.from(
                        "string_bool_to_semver",
                        String.class,
                        Boolean.class,
                        (text, loosely) -> loosely ? Semver.parseLoosely(text) : Semver.parse(text)),
                CelFunctionBinding.from("is_semver", String.class, text -> Semver.isOne(text, false)),
                CelFunctionBinding.from("is_semver_bool", String.class, Boolean.class, Semver::isOne),
                CelFunctionBinding.from("semver_major", Semver.class, Semver::major),
                CelFunctionBinding.from("semver_minor", Semver.class, Semver::minor),
                CelFunctionBinding.from("semver_patch", Semver.class, Semver::patch),
                CelFunctionBinding.from(
                        "semver_is_greater_than", Semver.class, Semver.class, (a, b) -> a.compareTo(b) > 0),
                CelFunctionBinding.from(
                        "semver_is_less_than", Semver.class, Semver.class, (a, b) -> a.compareTo(b) < 0),
                CelFunctionBinding.from(
                        "semver_compare_to", Semver.class, Semver.class, (a, b) -> (long) a.compareTo(b)));
    }
}
