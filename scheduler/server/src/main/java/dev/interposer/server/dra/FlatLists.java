package dev.interposer.server.dra;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Whether lists and maps that an expression makes hold plain values alone. One that holds another twice, and is held
 * twice itself, and so on, takes longer to compare with each level than anybody can wait.
 */
final class FlatLists {
    private static final Set<CelKind> PLAIN = EnumSet.of(
            CelKind.BOOL,
            CelKind.BYTES,
            CelKind.DOUBLE,
            CelKind.DURATION,
            CelKind.DYN,
            CelKind.INT,
            CelKind.NULL_TYPE,
            CelKind.STRING,
            CelKind.TIMESTAMP,
            CelKind.UINT);

    private FlatLists() {}

    static boolean onlyIn(CelAbstractSyntaxTree tree) {
        return CelNavigableAst.fromAst(tree).getRoot().allNodes().allMatch(node -> isFlat(node.expr(), tree));
    }

    private static boolean isFlat(CelExpr made, CelAbstractSyntaxTree tree) {
        return switch (made.getKind()) {
            case LIST -> made.list().elements().stream().allMatch(element -> isPlain(element, tree));
            case MAP ->
                made.map().entries().stream()
                        .flatMap(entry -> List.of(entry.key(), entry.value()).stream())
                        .allMatch(part -> isPlain(part, tree));
            case STRUCT -> false;
            case NOT_SET, CONSTANT, IDENT, SELECT, CALL, COMPREHENSION -> true;
        };
    }

    private static boolean isPlain(CelExpr part, CelAbstractSyntaxTree tree) {
        CelType type = tree.getType(part.id()).orElse(SimpleType.ERROR);
        return PLAIN.contains(type.kind()) || type.equals(CelFunctions.QUANTITY) || type.equals(CelFunctions.SEMVER);
    }
}
