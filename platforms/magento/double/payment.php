<?php

declare(strict_types=1);

namespace Magento\Payment\Gateway {
    interface CommandInterface
    {
        public function execute(array $commandSubject);
    }
}

namespace Magento\Payment\Gateway\Command {
    class CommandException extends \Magento\Framework\Exception\LocalizedException
    {
    }

    class CommandPool
    {
        public function __construct(private \Kassette\Double\Container $container, private array $commands = [])
        {
        }

        public function get($code)
        {
            if (!isset($this->commands[$code])) {
                throw new \Magento\Framework\Exception\NotFoundException(__('The "%1" command doesn\'t exist.', $code));
            }
            return $this->container->get($this->commands[$code]);
        }
    }
}

namespace Magento\Payment\Gateway\Data {
    class PaymentDataObject
    {
        public function __construct(private object $payment)
        {
        }

        public function getPayment()
        {
            return $this->payment;
        }

        public function getOrder()
        {
            return new \stdClass(); // An adapter of the order, not the order itself.
        }
    }
}

namespace Magento\Payment\Gateway\Helper {
    class SubjectReader
    {
        public static function readPayment(array $subject)
        {
            return $subject['payment'];
        }

        public static function readAmount(array $subject)
        {
            if (!isset($subject['amount']) || !is_numeric($subject['amount'])) {
                throw new \InvalidArgumentException('Amount should be provided');
            }
            return $subject['amount'];
        }

        public static function readStateObject(array $subject)
        {
            return $subject['stateObject'];
        }
    }
}

namespace Magento\Payment\Gateway\Config {
    class Config
    {
        public function __construct(private \Magento\Framework\App\Config\ScopeConfigInterface $scopeConfig, private $methodCode = null)
        {
        }

        public function getValue($field, $storeId = null)
        {
            return $this->scopeConfig->getValue('payment/' . $this->methodCode . '/' . $field, 'store', $storeId);
        }
    }

    class ConfigValueHandler
    {
        public function __construct(private Config $configInterface)
        {
        }

        public function handle(array $subject, $storeId = null)
        {
            return $this->configInterface->getValue($subject['field'], $storeId);
        }
    }

    class ValueHandlerPool
    {
        public function __construct(private \Kassette\Double\Container $container, private array $handlers = [])
        {
        }

        public function get($field)
        {
            return $this->container->get($this->handlers[$field] ?? $this->handlers['default']);
        }
    }
}

namespace Magento\Payment\Gateway\Validator {
    class CountryValidator
    {
        public function __construct(private \Magento\Payment\Gateway\Config\Config $config)
        {
        }

        public function validate(array $subject): bool
        {
            $allowed = explode(',', (string)$this->config->getValue('specificcountry', $subject['storeId']));
            return (int)$this->config->getValue('allowspecific', $subject['storeId']) !== 1 || in_array($subject['country'], $allowed, true);
        }
    }

    class ValidatorPool
    {
        public function __construct(private \Kassette\Double\Container $container, private array $validators = [])
        {
        }

        public function get($code)
        {
            return $this->container->get($this->validators[$code]);
        }
    }
}

namespace Magento\Payment\Model\Method {
    use Kassette\Double\Container;
    use Magento\Payment\Gateway\Data\PaymentDataObject;

    /** The facade: asks config for can_<command>, and the pool for the command (3.3). */
    class Adapter
    {
        public function __construct(
            private \Magento\Framework\Event\ManagerInterface $eventManager,
            private \Magento\Payment\Gateway\Config\ValueHandlerPool $valueHandlerPool,
            private \Magento\Payment\Gateway\Command\CommandPool $commandPool,
            private \Magento\Payment\Gateway\Validator\ValidatorPool $validatorPool,
            private $code,
            private $formBlockType,
            private $infoBlockType
        ) {
        }

        public function getCode()
        {
            return $this->code;
        }

        public function getConfigData($field, $storeId = null)
        {
            return $this->valueHandlerPool->get($field)->handle(['field' => $field], $storeId);
        }

        public function can(string $what): bool
        {
            return (bool)$this->getConfigData('can_' . $what);
        }

        public function canUseForCountry($country): bool
        {
            return $this->validatorPool->get('country')->validate(['country' => $country, 'storeId' => 1]);
        }

        public function executeCommand($code, array $arguments = [])
        {
            if (!$this->can($code)) {
                return null;
            }
            $arguments['payment'] = new PaymentDataObject($arguments['payment']);
            return $this->commandPool->get($code)->execute($arguments);
        }

        /** Of a transaction: two settings must allow it. */
        public function fetchTransactionInfo(object $payment, $transactionId)
        {
            if (!$this->can('fetch_transaction_info')) {
                return [];
            }
            return $this->executeCommand('fetch_transaction_information', ['payment' => $payment, 'transactionId' => $transactionId]);
        }

        /** Without a payment_action initialisation is skipped (3.2). */
        public function place(object $payment, object $stateObject): void
        {
            $action = $this->getConfigData('payment_action');
            if ($action && $this->can('initialize')) {
                $this->executeCommand('initialize', ['payment' => $payment, 'paymentAction' => $action, 'stateObject' => $stateObject]);
            }
        }

        public function assignData(object $payment, \Magento\Framework\DataObject $data): void
        {
            foreach (['payment_method_assign_data_' . $this->code, 'payment_method_assign_data'] as $event) {
                $this->eventManager->dispatch($event, ['method' => $this, 'payment_model' => $payment, 'data' => $data]);
            }
        }
    }
}

namespace Magento\Payment\Observer {
    abstract class AbstractDataAssignObserver implements \Magento\Framework\Event\ObserverInterface
    {
        protected function readDataArgument(\Magento\Framework\Event\Observer $observer)
        {
            return $observer->getEvent()->getData('data');
        }

        protected function readPaymentModelArgument(\Magento\Framework\Event\Observer $observer)
        {
            return $observer->getEvent()->getData('payment_model');
        }
    }
}

namespace Magento\Payment\Block {
    class Form
    {
    }

    class Info
    {
        private bool $secure = true;
        private ?object $info = null;
        private ?\Magento\Framework\DataObject $specific = null;

        public function setInfo(object $info): self
        {
            $this->info = $info;
            return $this;
        }

        public function setIsSecureMode(bool $secure): self
        {
            $this->secure = $secure;
            return $this;
        }

        public function getInfo()
        {
            return $this->info;
        }

        public function getIsSecureMode()
        {
            return $this->secure;
        }

        public function getSpecificInformation()
        {
            return $this->_prepareSpecificInformation()->getData();
        }

        protected function _prepareSpecificInformation($transport = null)
        {
            return $this->specific ??= new \Magento\Framework\DataObject();
        }
    }
}

namespace Magento\Quote\Api\Data {
    interface PaymentInterface
    {
        public const KEY_ADDITIONAL_DATA = 'additional_data';
    }
}
