<?php

declare(strict_types=1);

namespace Kassette\Double;

/** Builds objects as the object manager does: by constructor types, di.xml, virtual types and shared instances. */
class Container
{
    private array $shared = [];
    private array $xml = [];

    /** @param array $preferences Class by interface, or a ready object */
    public function __construct(private string $module, private array $preferences = [])
    {
        $this->shared[self::class] = $this;
    }

    public function xml(string $path): \SimpleXMLElement
    {
        return $this->xml[$path] ??= new \SimpleXMLElement((string)file_get_contents($this->module . '/' . $path));
    }

    /** As another process would have it: the same preferences but some, and nothing of what was built. */
    public function fresh(array $preferences): self
    {
        $other = new self($this->module, $preferences + $this->preferences);
        $other->shared[\Magento\Framework\Event\Manager::class] = $this->get(\Magento\Framework\Event\Manager::class);
        return $other;
    }

    public function prefer(string $class, object $object): void
    {
        $this->preferences[$class] = $object;
    }

    public function get(string $class): object
    {
        $class = ltrim($class, '\\');
        return $this->shared[$class] ??= $this->create($class);
    }

    public function create(string $class): object
    {
        $prefer = $this->preferences[$class] ?? $class;
        if (is_object($prefer)) {
            return $prefer;
        }
        if ($prefer !== $class) {
            return $this->get($prefer);
        }
        $virtual = $this->xml('etc/di.xml')->xpath("//virtualType[@name='$class']")[0] ?? null;
        $real = $virtual ? (string)$virtual['type'] : $class;
        $configured = $this->arguments($real) + [];
        $configured = ($virtual ? $this->values($virtual) : []) + $configured;
        $arguments = [];
        foreach ((new \ReflectionClass($real))->getConstructor()?->getParameters() ?? [] as $parameter) {
            $arguments[] = $this->argument($parameter, $configured, $real);
        }
        return new $real(...$arguments);
    }

    private function argument(\ReflectionParameter $parameter, array $configured, string $class)
    {
        if (array_key_exists($parameter->getName(), $configured)) {
            return $configured[$parameter->getName()];
        }
        $type = $parameter->getType();
        if ($type instanceof \ReflectionNamedType && !$type->isBuiltin()) {
            return $this->get($type->getName());
        }
        if ($parameter->isDefaultValueAvailable()) {
            return $parameter->getDefaultValue();
        }
        throw new \LogicException($class . ' wants $' . $parameter->getName() . ', which di.xml does not give');
    }

    private function arguments(string $class): array
    {
        $type = $this->xml('etc/di.xml')->xpath("//type[@name='$class']")[0] ?? null;
        return $type ? $this->values($type) : [];
    }

    private function values(\SimpleXMLElement $type): array
    {
        $values = [];
        foreach ($type->arguments->argument ?? [] as $argument) {
            $values[(string)$argument['name']] = $this->value($argument);
        }
        return $values;
    }

    private function value(\SimpleXMLElement $node)
    {
        switch ((string)$node->attributes('xsi', true)['type']) {
            case 'object':
                return $this->get((string)$node);
            case 'const':
                return constant((string)$node);
            case 'array':
                $values = [];
                foreach ($node->item as $item) {
                    $values[(string)$item['name']] = $this->value($item);
                }
                return $values;
            default:
                return (string)$node;
        }
    }
}
