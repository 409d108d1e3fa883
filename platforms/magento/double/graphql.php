<?php

declare(strict_types=1);

namespace Magento\Framework\GraphQl\Config\Element {
    class Field
    {
        public function __construct(private string $name)
        {
        }

        public function getName(): string
        {
            return $this->name;
        }
    }
}

namespace Magento\Framework\GraphQl\Schema\Type {
    class ResolveInfo
    {
    }
}

namespace Magento\Framework\GraphQl\Query {
    interface ResolverInterface
    {
        public function resolve(
            \Magento\Framework\GraphQl\Config\Element\Field $field,
            $context,
            \Magento\Framework\GraphQl\Schema\Type\ResolveInfo $info,
            ?array $value = null,
            ?array $args = null
        );
    }
}

namespace Magento\Framework\GraphQl\Exception {
    class GraphQlInputException extends \Magento\Framework\Exception\LocalizedException
    {
    }

    class GraphQlNoSuchEntityException extends \Magento\Framework\Exception\LocalizedException
    {
    }
}

namespace Magento\QuoteGraphQl\Model\Cart\Payment {
    interface AdditionalDataProviderInterface
    {
        public function getData(array $data): array;
    }

    class AdditionalDataProviderPool
    {
        public function __construct(private array $dataProviders = [])
        {
        }

        public function getData(string $code, array $data): array
        {
            return isset($this->dataProviders[$code]) ? $this->dataProviders[$code]->getData($data) : [];
        }
    }
}
