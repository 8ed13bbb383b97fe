/** The rules of the code as tests; imports every module. */
@NullMarked
package dev.interposer.tests.arch;

import org.jspecify.annotations.NullMarked;
