<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Tests\ShopTestCase;

/** The module holds together: what setup:di:compile would find. */
class BuildingTest extends ShopTestCase
{
    private const MODULE = __DIR__ . '/../../module';

    /** Not built by the object manager: values, errors, options of commands. */
    private const VALUES = ['Access', 'Link', 'Locked', 'Problem'];

    private static function files(): array
    {
        $files = [];
        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::MODULE, \FilesystemIterator::SKIP_DOTS)) as $file) {
            if ($file->getExtension() === 'php' && $file->getFilename() !== 'registration.php') {
                $files[] = substr((string)$file, strlen(self::MODULE) + 1);
            }
        }
        self::assertGreaterThan(40, count($files));
        return $files;
    }

    public function testEachNameThatIsUsedExistsAndIsUsed(): void
    {
        foreach (self::files() as $file) {
            $text = (string)file_get_contents(self::MODULE . '/' . $file);
            preg_match_all('/^use ([\w\\\\]+)(?: as (\w+))?;$/m', $text, $found, PREG_SET_ORDER);
            foreach ($found as $use) {
                self::assertTrue(class_exists($use[1]) || interface_exists($use[1]), $file . ' uses ' . $use[1]);
                $short = $use[2] ?? substr($use[1], strrpos($use[1], '\\') + 1);
                self::assertGreaterThan(1, preg_match_all('/\b' . $short . '\b/', $text), $file . ' does not need ' . $use[1]);
            }
        }
    }

    public function testEachClassIsWhereItsNameSaysAndIsBuilt(): void
    {
        foreach (self::files() as $file) {
            $class = 'Kassette\\Payment\\' . str_replace('/', '\\', substr($file, 0, -4));
            self::assertTrue(class_exists($class), $class);
            $reflection = new \ReflectionClass($class);
            self::assertFalse($reflection->isFinal(), $class);
            if (!in_array($reflection->getShortName(), self::VALUES, true)) {
                self::assertInstanceOf($class, self::get($class));
            }
        }
    }

    public function testTheModuleRegistersItself(): void
    {
        require self::MODULE . '/registration.php';
        self::assertSame(realpath(self::MODULE), realpath(\Magento\Framework\Component\ComponentRegistrar::$registered['Kassette_Payment']));
    }

    public function testThePropertiesOfTheFacade(): void
    {
        self::assertSame('kassette', Shop::method()->getCode());
        foreach (['initialize', 'authorize', 'capture', 'capture_partial', 'refund', 'refund_partial_per_invoice', 'void', 'cancel', 'review_payment', 'fetch_transaction_info', 'fetch_transaction_information'] as $can) {
            self::assertTrue(Shop::method()->can($can), $can);
        }
        self::assertFalse(Shop::method()->can('use_internal'));
    }
}
